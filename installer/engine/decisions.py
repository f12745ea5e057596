"""Where the engine waits for a person: choices are offered, one console takes one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition
from time import monotonic

from foundation.failure import Failure
from kickstart.install_plan import InstallPlan


@dataclass(frozen=True)
class Decision:
    """What was chosen: one of the offered words, with what it needs."""

    choice: str
    argument: str = ""
    plan: InstallPlan | None = None


class Decisions:
    """Hands one decision at a time from the consoles' threads to the engine's."""

    def __init__(self) -> None:
        """Nothing is offered yet."""
        self._changed = Condition()
        self._offered: frozenset[str] = frozenset()
        self._taken: Decision | None = None

    @contextmanager
    def offering(self, choices: frozenset[str]) -> Iterator[None]:
        """Accept one of ``choices`` for as long as the context lasts."""
        with self._changed:
            self._offered, self._taken = choices, None
        try:
            yield
        finally:
            with self._changed:
                self._offered = frozenset()

    def wait(self, seconds: float | None = None) -> Decision | None:
        """The decision, once there is one; None when ``seconds`` passed without."""
        deadline = None if seconds is None else monotonic() + seconds
        with self._changed:
            while self._taken is None:
                left = None if deadline is None else deadline - monotonic()
                if left is not None and left <= 0:
                    return None
                self._changed.wait(left)
            return self._taken

    def take(self, decision: Decision) -> None:
        """Decide; raises Failure when that is not on offer, or another console was faster."""
        with self._changed:
            if self._taken is not None and decision.choice in self._offered:
                raise Failure("Another console has just decided.", "Watch what it does.")
            if decision.choice not in self._offered:
                raise Failure(
                    f"“{decision.choice}” is not possible now.", "Take one of what is offered."
                )
            self._taken = decision
            self._changed.notify_all()
