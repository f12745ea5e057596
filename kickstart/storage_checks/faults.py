"""What the checks share: faults, and what of a layout they look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from foundation.failure import Failure
from kickstart.install_plan import Formatted, Storage


def fault(item: object, cause: str, remedy: str) -> Failure:
    """What is wrong, at the line that caused it."""
    return Failure(cause, remedy, where=str(getattr(item, "where", "")))


def mounted(storage: Storage) -> tuple[Formatted, ...]:
    """All that can hold a filesystem."""
    return (*storage.partitions, *storage.raids, *storage.volumes)


def repeated(items: Iterable[tuple[str, object]]) -> Iterator[tuple[str, object, object]]:
    """Each name met again: the name, the item that had it first, and the one that repeats it."""
    first: dict[str, object] = {}
    for name, item in items:
        if name in first:
            yield name, first[name], item
        first.setdefault(name, item)


def at(item: object) -> str:
    """Where the item stands, to be put behind a word."""
    where = getattr(item, "where", "")
    return f" at {where}" if where else ""
