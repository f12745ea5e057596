"""Files that all test processes share: whoever comes first makes them, the others wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only process of this machine that works on ``path``; the others wait their turn."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


def made_once(path: Path, make: Callable[[Path], None]) -> Path:
    """``path``, after ``make`` was called with it unless it was there already."""
    with alone(path):
        if not path.exists():
            make(path)
    return path
