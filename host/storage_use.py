"""Who uses a disk, and what would be lost by erasing it."""

from __future__ import annotations

from collections.abc import Sequence

from host.storage_values import Disk


def find_disk(name: str, disks: Sequence[Disk]) -> Disk | None:
    """The disk that goes by ``name``."""
    return next((disk for disk in disks if name in disk.names), None)


def uses_of(disk: Disk, disks: Sequence[Disk]) -> tuple[str, ...]:
    """What uses a disk now, in words: mounts, active volumes, arrays. None is free to go.

    A disk that is a path of a multipath device is in use if that device is.
    """
    uses = [
        f"{content.device} is mounted on {', '.join(content.mounts)}"
        for content in disk.contents
        if content.mounts
    ]
    for holder in disk.holders:
        name, _space, kind = holder.partition(" (")
        above = find_disk(name, disks) or find_disk(f"/dev/mapper/{name}", disks)
        if kind.startswith("mpath") and above is not None and above is not disk:
            uses += uses_of(above, disks)
        elif not kind.startswith("mpath"):
            uses.append(f"it holds {holder}")
    return tuple(dict.fromkeys(uses))


def losses_of(disk: Disk) -> tuple[str, ...]:
    """What is on a disk, in words; nothing for an empty one."""
    return tuple(str(content) for content in disk.contents)
