"""Several servers of one directory: asked in order, and those that fail left alone for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from manager.directory.refusals import Unavailable
from manager.directory.settings import ServerAddress

FIRST_HOLD = 5.0
LONGEST_HOLD = 60.0
# How long a trial of a server that had failed keeps others from trying it too: longer than the
# time-outs of a connection.
_TRIAL = 15.0

Result = TypeVar("Result")


@dataclass
class Breaker:
    """Keeps people from waiting for a server that does not answer.

    Each failure holds the server off for twice as long as the one before, from ``FIRST_HOLD`` to
    ``LONGEST_HOLD`` seconds; then one call tries it again. ``failure`` is the last one, for people.
    """

    clock: Callable[[], float] = time.monotonic
    failure: Unavailable | None = None
    _until: float = 0.0
    _hold: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def allows(self) -> bool:
        """Whether the server may be asked now."""
        with self._lock:
            if self.failure is None:
                return True
            if self.clock() < self._until:
                return False
            self._until = self.clock() + _TRIAL
            return True

    def succeeded(self) -> None:
        """The server answered."""
        with self._lock:
            self.failure, self._hold = None, 0.0

    def failed(self, failure: Unavailable) -> None:
        """The server did not answer."""
        with self._lock:
            self.failure = failure
            self._hold = min(max(self._hold * 2, FIRST_HOLD), LONGEST_HOLD)
            self._until = self.clock() + self._hold

    def seconds_left(self) -> float:
        """How long the server is still left alone; 0 when it is not."""
        with self._lock:
            return max(0.0, self._until - self.clock()) if self.failure else 0.0


class Servers:
    """The servers of one directory, with what is known of each."""

    def __init__(
        self, addresses: Sequence[ServerAddress], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``clock`` is in seconds."""
        self._breakers = {address: Breaker(clock) for address in addresses}

    def first_that_answers(self, ask: Callable[[ServerAddress], Result]) -> Result:
        """What ``ask`` answers for the first server that can be asked.

        Raises Unavailable when there is none, or when no other server would answer differently.
        """
        failures: list[Unavailable] = []
        for address, breaker in self._breakers.items():
            if not breaker.allows():
                if breaker.failure is not None:
                    failures.append(breaker.failure)
                continue
            try:
                answer = ask(address)
            except Unavailable as failure:
                if not failure.retry:
                    breaker.succeeded()
                    raise
                breaker.failed(failure)
                failures.append(failure)
                continue
            except Exception:
                breaker.succeeded()  # it did answer, though not what was hoped for
                raise
            breaker.succeeded()
            return answer
        raise self._none_answers(failures)

    def states(self) -> dict[str, str]:
        """For each server, empty or why it is left alone."""
        return {
            str(address): breaker.failure.cause if breaker.failure else ""
            for address, breaker in self._breakers.items()
        }

    def _none_answers(self, failures: Sequence[Unavailable]) -> Unavailable:
        again = min(breaker.seconds_left() for breaker in self._breakers.values())
        if len(failures) == 1:
            (only,) = failures
            return Unavailable(only.cause, only.remedy, where=only.where, details=only.details)
        lines = [f"{failure.where}: {failure.cause} {failure.remedy}" for failure in failures]
        return Unavailable(
            "None of the directory's servers can be used.",
            f"Test the directory in the settings. It is tried again in {again:.0f} s.",
            details="\n".join(lines),
        )
