"""The layout as a whole, and the disks it may use."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch

from foundation.failure import Failure
from kickstart.install_plan import Storage
from kickstart.storage_checks.faults import at, fault


def says_something(storage: Storage) -> Iterator[Failure]:
    """There is one layout, and not two."""
    explicit = (*storage.partitions, *storage.raids, *storage.groups, *storage.volumes)
    if storage.automatic and (explicit or storage.required):
        yield fault(
            storage.automatic,
            "autopart is given together with a layout of its own.",
            "Keep either autopart or the part, raid, volgroup, logvol and reqpart lines.",
        )
    if not storage.automatic and not explicit:
        yield Failure(
            "Nothing says how the disks are to be laid out.",
            "Write autopart, or part, volgroup and logvol lines; "
            "`flexvdi-kickstart render one-disk` shows a whole example.",
        )


def disks_are_allowed(storage: Storage) -> Iterator[Failure]:
    """Disks that are named are among those to use."""
    named: list[tuple[str, object, str]] = [
        (disk, storage.clearing, "clearpart") for disk in _cleared(storage)
    ]
    named += [(part.disk, part, "part --ondisk") for part in storage.partitions if part.disk]
    for disk, item, command in named:
        if any(fnmatch(disk, ignored) for ignored in storage.use.ignored):
            yield fault(
                item,
                f"{command} names {disk}, which is ignored{at(storage.use)}.",
                "Take it out of ignoredisk, or use another disk.",
            )
        if storage.use.only and not any(
            fnmatch(disk, only) or fnmatch(only, disk) for only in storage.use.only
        ):
            yield fault(
                item,
                f"{command} names {disk}, which is not among the disks to use{at(storage.use)}.",
                "Add it to ignoredisk --only-use, or use one that is there.",
            )


def _cleared(storage: Storage) -> tuple[str, ...]:
    return storage.clearing.disks if storage.clearing else ()
