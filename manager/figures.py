"""Figures of the platform for Prometheus. An area adds its own in a module ``figures``.

Such a module has ``FIGURES``: functions that yield :class:`Figure` values from the services.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from foundation.failure import Failure
from manager.finding import area_modules
from manager.services import Services
from manager.version import manager_version


@dataclass(frozen=True)
class Figure:
    """One value; ``name`` without the prefix ``flexvdi_``, its unit at its end."""

    name: str
    help: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


Figures = Callable[[Services], Iterator[Figure]]


def figures(services: Services) -> Iterator[Figure]:
    """All figures of all areas; an area that cannot tell its own just now is left out."""
    yield Figure("manager_info", "The Manager.", 1, {"version": manager_version()})
    for module in area_modules("figures"):
        sources: tuple[Figures, ...] = module.FIGURES
        for source in sources:
            try:
                yield from list(source(services))
            except Failure:
                continue
