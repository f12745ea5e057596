"""Whose turn it is: tasks that run and tasks that wait, tier by tier."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from manager.tasks.task import Tier


class Turns:
    """A place in memory for what the database keeps; safe to use from several threads."""

    def __init__(self, places: Mapping[Tier, int]) -> None:
        """``places`` is how many tasks of each tier run at the same time."""
        self._places = dict(places)
        # Dictionaries, because they keep the order and find a task at once.
        self._waiting: dict[Tier, dict[str, None]] = {tier: {} for tier in places}
        self._running: dict[str, Tier] = {}
        self._closed = False
        self._changed = threading.Condition()

    def resume(self, task: str, tier: Tier) -> None:
        """``task`` had its turn before the Manager was stopped, and keeps it, full or not."""
        with self._changed:
            self._running[task] = tier

    def wait(self, task: str, tier: Tier) -> None:
        """``task`` wants its turn; it changes nothing where it waits or runs already."""
        with self._changed:
            if task not in self._running:
                self._waiting[tier][task] = None
                self._changed.notify_all()

    def end(self, task: str) -> None:
        """``task`` neither runs nor wants its turn any more."""
        with self._changed:
            self._running.pop(task, None)
            for waiting in self._waiting.values():
                waiting.pop(task, None)
            self._changed.notify_all()

    def next(self) -> str | None:
        """The task whose turn it is, once there is one; it runs from now on. None when closed."""
        with self._changed:
            while not self._closed:
                if (found := self._first()) is not None:
                    return found
                self._changed.wait()
        return None

    def close(self) -> None:
        """Nobody gets a turn any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _first(self) -> str | None:
        taken = list(self._running.values())
        for tier, waiting in self._waiting.items():
            if waiting and taken.count(tier) < self._places[tier]:
                task = next(iter(waiting))
                del waiting[task]
                self._running[task] = tier
                return task
        return None
