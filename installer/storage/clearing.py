"""What goes and what stays on a disk, from ``clearpart`` and ``zerombr``.

Narrower than Anaconda on purpose: a disk on which nothing will be placed is cleared only when
``clearpart --drives`` names it, never by ``clearpart --all`` alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from foundation.failure import Failure
from installer.machine.model import Content, Disk, Machine, Node
from installer.storage.selection import (
    describe_content,
    refuse_in_use,
    refuse_unwritable,
    resolve_disks,
    resolve_partition,
)
from kickstart.install_plan import Clearing

# Discoverable Partitions Specification and older Linux types; by content where the type is silent.
_LINUX_CONTENT = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "swap", "LVM2_member", "linux_raid_member"}
    | {"crypto_LUKS", "f2fs"}
)
_LINUX_TYPES = frozenset(
    {
        "0fc63daf-8483-4772-8e79-3d69d8477de4",
        "e6d6d379-f507-44c2-a23c-238f2a3df928",
        "a19d880f-05fc-4d3b-a006-743f0f84911e",
        "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f",
        "4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
        "0x82",
        "0x83",
        "0x8e",
        "0xfd",
    }
)


@dataclass(frozen=True)
class Cleared:
    """The verdict on one disk: a new GPT, or some partitions removed and the others kept."""

    disk: Disk
    wipe: bool
    removed: tuple[Node, ...] = ()
    kept: tuple[Node, ...] = ()

    @property
    def gone(self) -> frozenset[str]:
        """The paths of all devices that will not outlive this, the disk's own included."""
        if self.wipe:
            return frozenset({self.disk.path, *(node.path for node in self.disk.nodes)})
        return frozenset(node.path for top in self.removed for node in top.walk())


def explicitly_cleared(clearing: Clearing | None, machine: Machine) -> tuple[Disk, ...]:
    """The disks that ``clearpart --drives`` names; raises Failure for absent ones."""
    if clearing is None or clearing.scope == "none":
        return ()
    found = [d for name in clearing.disks for d in resolve_disks(name, machine, clearing.where)]
    return tuple({disk.name: disk for disk in found}.values())


def clear_disk(
    disk: Disk, clearing: Clearing | None, machine: Machine, reused: frozenset[str] = frozenset()
) -> Cleared:
    """Decide what goes on a disk that will be written to.

    ``reused`` are paths of existing partitions that the plan uses again. Raises Failure when the
    disk must not be written, is in use, or holds what nobody allowed to erase and leaves no room
    beside it.
    """
    where = clearing.where if clearing else ""
    refuse_unwritable(disk, where)
    refuse_in_use(disk, where)
    removed = tuple(n for n in _removed(disk, clearing, machine) if n.path not in reused)
    kept = tuple(node for node in disk.partitions if node not in removed)
    if disk.is_blank or (not kept and _may_wipe(disk, clearing, machine)):
        return Cleared(disk, wipe=True, removed=removed)
    if disk.table != "gpt":
        raise _holds_data(disk, machine, where)
    return Cleared(disk, wipe=False, removed=removed, kept=kept)


def _covers(clearing: Clearing | None, disk: Disk, machine: Machine) -> bool:
    if clearing is None or clearing.scope == "none":
        return False
    named = {d.name for d in explicitly_cleared(clearing, machine)}
    return not named or disk.name in named


def _may_wipe(disk: Disk, clearing: Clearing | None, machine: Machine) -> bool:
    """Whether a disk that keeps no partition may get a new partition table."""
    if disk.partitions or disk.content.kind is None:
        return True  # each partition's removal was allowed one by one
    if clearing is None or not _covers(clearing, disk, machine):
        return False
    return clearing.scope == "all" or (
        clearing.scope == "linux" and disk.content.kind in _LINUX_CONTENT
    )


def _removed(disk: Disk, clearing: Clearing | None, machine: Machine) -> tuple[Node, ...]:
    if clearing is None:
        return ()
    if clearing.scope == "list":
        named = {
            resolve_partition(name, machine, clearing.where)[1].path for name in clearing.partitions
        }
        return tuple(node for node in disk.partitions if node.path in named)
    if not _covers(clearing, disk, machine):
        return ()
    if clearing.scope == "all":
        return disk.partitions
    return tuple(node for node in disk.partitions if _is_linux(node.content, node.type_id))


def _is_linux(content: Content, type_id: str | None) -> bool:
    return content.kind in _LINUX_CONTENT or (type_id or "").lower() in _LINUX_TYPES


def _holds_data(disk: Disk, machine: Machine, where: str) -> Failure:
    holds = "; ".join(describe_content(disk, machine)) or f"a {disk.table} partition table"
    return Failure(
        f"{disk.described} holds data, and nothing allows erasing it: {holds}.",
        f"To erase it, say `clearpart --all --initlabel --drives={disk.name}`; "
        "to keep it, name another disk.",
        where=where,
    )


def holds_data(disk: Disk, machine: Machine, where: str, needed: str) -> Failure:
    """The refusal for a disk whose free space is too small and whose data must stay."""
    holds = "; ".join(describe_content(disk, machine))
    return Failure(
        f"{disk.described} has no room left beside what it holds ({needed}): {holds}.",
        f"To erase it, say `clearpart --all --initlabel --drives={disk.name}`; "
        "to keep it, name another disk.",
        where=where,
    )
