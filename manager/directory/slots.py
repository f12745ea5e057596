"""How many people wait for a directory at once, so that one that hangs holds up nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from manager.directory.refusals import Unavailable

AT_ONCE = 8
WAITING = 16
PATIENCE = 3.0


class Slots:
    """``at_once`` calls are under way, ``waiting`` more wait for ``patience`` seconds."""

    def __init__(
        self, at_once: int = AT_ONCE, waiting: int = WAITING, patience: float = PATIENCE
    ) -> None:
        """All are free."""
        self._free = threading.BoundedSemaphore(at_once)
        self._places = threading.BoundedSemaphore(at_once + waiting)
        self._patience = patience

    @contextmanager
    def one(self) -> Iterator[None]:
        """Occupy one; raises Unavailable when too many wait, or none becomes free in time."""
        if not self._places.acquire(blocking=False):
            raise _too_slow()
        try:
            if not self._free.acquire(timeout=self._patience):
                raise _too_slow()
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._places.release()


def _too_slow() -> Unavailable:
    return Unavailable(
        "The directory is answering too slowly; too many sign-ins are waiting for it.",
        "Try again in a moment.",
        retry=False,
    )
