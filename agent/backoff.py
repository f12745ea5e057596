"""How long to wait before trying again."""

from __future__ import annotations

import random
from collections.abc import Callable

_FIRST, _MOST = 1.0, 60.0  # seconds


class Backoff:
    """Twice as long each time, up to a minute, less a random part.

    The random part keeps the Agents of a whole platform from coming back in the same moment when
    the Manager is there again.
    """

    def __init__(
        self,
        first: float = _FIRST,
        most: float = _MOST,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Times in seconds; ``chance`` yields numbers from 0 to 1."""
        self._first, self._most, self._chance = first, most, chance
        self._next = first

    def wait(self) -> float:
        """Seconds to wait now: from half of the step's length to all of it."""
        step, self._next = self._next, min(self._next * 2, self._most)
        return step * (0.5 + self._chance() / 2)

    def reset(self) -> None:
        """It went well."""
        self._next = self._first
