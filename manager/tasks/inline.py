"""An engine that carries tasks out at once, in the caller's thread: rescue commands and tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from manager.tasks.run import carry_out
from manager.tasks.task import TaskKind, Tier

if TYPE_CHECKING:
    from manager.services import Services


class InlineEngine:
    """Nothing is durable, nothing waits."""

    def start(self, services: Services, kinds: dict[str, TaskKind]) -> None:
        """Remember who asks."""
        self._services, self._kinds = services, kinds

    def enqueue(self, task: str, tier: Tier) -> None:
        """Carry ``task`` out to its end."""
        carry_out(self._services, self._kinds, task, _at_once, threading.Event())

    def cancel(self, task: str) -> None:
        """Nothing runs by the time somebody can ask."""

    def carries(self, task: str) -> bool:
        """Whoever asks runs inside of it."""
        return True

    def forget(self, tasks: Sequence[str]) -> None:
        """Nothing was kept."""

    def stop(self) -> None:
        """Nothing is left."""


def _at_once(name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return work()
