"""The parts of the document that are applied in one go: one module each, which defines ``PART``.

Nothing else mentions them: they are found by being there. ``rank`` is the order in which they are
applied; what can cut the connection comes last.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any, Protocol

from host.change import PartPlan
from host.document.model import HostDocument
from host.machine import Machine


class Part(Protocol):
    """What a part can do."""

    @property
    def name(self) -> str:
        """One word; the names of the part's steps begin with it."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def rank(self) -> int:
        """Its place among the parts."""

    def plan(
        self, wanted: HostDocument, current: HostDocument | None, machine: Machine
    ) -> PartPlan:
        """What it takes to make this part of ``machine`` as ``wanted`` says; changes nothing."""

    def undo(self, step: str, found: dict[str, Any], machine: Machine) -> None:
        """Put back what ``step`` had found, from its journal alone; may be called repeatedly."""


@cache
def find_parts() -> tuple[Part, ...]:
    """All parts, in the order in which they are applied."""
    parts: list[Part] = [
        importlib.import_module(f"{__name__}.{module.name}").PART
        for module in pkgutil.iter_modules(__path__)
    ]
    return tuple(sorted(parts, key=lambda part: part.rank))


def part_of_step(step: str) -> Part:
    """The part that a step's name belongs to; raises KeyError for a name of no part."""
    return {part.name: part for part in find_parts()}[step.partition("/")[0]]
