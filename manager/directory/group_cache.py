"""Groups of people for a few minutes. Passwords are never kept."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from manager.directory.port import DirectoryGroup

LIFETIME = 300.0
MOST_PEOPLE = 10_000


class GroupCache:
    """What was found for a stable id, for at most ``lifetime`` seconds; the oldest goes first."""

    def __init__(
        self,
        lifetime: float = LIFETIME,
        most: int = MOST_PEOPLE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is known yet."""
        self._lifetime, self._most, self._clock = lifetime, most, clock
        self._kept: OrderedDict[str, tuple[float, tuple[DirectoryGroup, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, identity: str) -> tuple[DirectoryGroup, ...] | None:
        """The groups, None when they are unknown or too old."""
        with self._lock:
            kept = self._kept.get(identity)
            if kept is None or self._clock() - kept[0] >= self._lifetime:
                self._kept.pop(identity, None)
                return None
            return kept[1]

    def put(self, identity: str, groups: tuple[DirectoryGroup, ...]) -> None:
        """Keep ``groups``."""
        with self._lock:
            self._kept[identity] = (self._clock(), groups)
            self._kept.move_to_end(identity)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def forget(self, identity: str) -> None:
        """Ask the directory the next time."""
        with self._lock:
            self._kept.pop(identity, None)
