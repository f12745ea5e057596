"""LVM: groups and volumes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from foundation.failure import Failure
from kickstart.install_plan import LogicalVolume, Partition, RaidArray, Storage
from kickstart.storage_checks.faults import at, fault, repeated

# lvm(8), "VALID NAMES".
_LVM_NAME = re.compile(r"(?!-)[A-Za-z0-9+_.-]{1,127}")
_LVM_RESERVED = re.compile(
    r"\.{1,2}|snapshot.*|pvmove.*"
    r"|.*(_cdata|_cmeta|_corig|_iorig|_mimage|_mlog|_rimage|_rmeta|_tdata|_tmeta|_vorigin).*"
)


def groups_hold_together(storage: Storage) -> Iterator[Failure]:
    """Groups have members, and members a group."""
    members: dict[str, Partition | RaidArray] = {
        part.name: part for part in storage.partitions if part.role == "physical-volume"
    }
    members |= {raid.volume_name: raid for raid in storage.raids if raid.volume_name}
    for name, first, again in repeated((group.name, group) for group in storage.groups):
        yield fault(
            again,
            f"The volume group {name} is described already{at(first)}.",
            "Name all its members on one line.",
        )
    users: dict[str, str] = {}
    for group in storage.groups:
        if not _LVM_NAME.fullmatch(group.name) or _LVM_RESERVED.fullmatch(group.name):
            yield fault(
                group,
                f"“{group.name}” is not a name for a volume group.",
                "Use letters, digits, _ and -.",
            )
        if not group.members and not group.existing:
            yield fault(
                group,
                f"The volume group {group.name} has no members.",
                "Name them after it, as in `volgroup flexvdi pv.01`.",
            )
        for member in group.members:
            if member not in members:
                yield fault(
                    group,
                    f"{group.name} has a member {member}, which no part or raid line makes.",
                    f"Add `part {member} --size=…`, or correct the name.",
                )
            elif member in users:
                yield fault(
                    group, f"{member} is in {users[member]} already.", "Use each member once."
                )
            users.setdefault(member, group.name)
        if group.extent_kib < 1 or group.extent_kib & (group.extent_kib - 1):
            yield fault(
                group, f"--pesize={group.extent_kib} is not a power of two.", "Use 4096 (KiB)."
            )
        if group.reserved < 0 or not 0 <= group.reserved_percent < 100:
            yield fault(
                group,
                "The reserved space is out of range.",
                "Give --reserved-space= in MiB, or --reserved-percent= from 1 to 99.",
            )
    for name, item in members.items():
        if name not in users:
            yield fault(item, f"{name} is in no volume group.", "Name it in a volgroup line.")


def volumes_hold_together(storage: Storage) -> Iterator[Failure]:
    """Volumes have a group, a name that LVM takes, and shares that fit."""
    groups = {group.name: group for group in storage.groups}
    pools = {(v.group, v.name) for v in storage.volumes if v.kind == "thin-pool"}
    names = ((f"{volume.group}/{volume.name}", volume) for volume in storage.volumes)
    for name, first, again in repeated(names):
        yield fault(again, f"The volume {name} is described already{at(first)}.", "Name each once.")
    shares: defaultdict[str, int] = defaultdict(int)
    for volume in storage.volumes:
        if not _LVM_NAME.fullmatch(volume.name) or _LVM_RESERVED.fullmatch(volume.name):
            yield fault(
                volume,
                f"“{volume.name}” is not a name for a volume.",
                "Use letters, digits, _ and -; LVM keeps some names for itself.",
            )
        group = groups.get(volume.group)
        if group is None:
            yield fault(
                volume,
                f"{volume.name} is in a volume group {volume.group}, which no volgroup line makes.",
                f"Add `volgroup {volume.group} pv.…`, or correct --vgname=.",
            )
        elif volume.existing and not group.existing:
            yield fault(
                volume,
                f"{volume.name} is to be reused, but its group {volume.group} is made anew.",
                "Add --useexisting to the volgroup line.",
            )
        if volume.kind == "thin":
            yield from _thin_is_sound(volume, pools)
        elif volume.percent:
            shares[volume.group] += volume.percent
            if shares[volume.group] > 100:
                yield fault(
                    volume,
                    f"The shares of {volume.group} add up to {shares[volume.group]} %.",
                    "Lower --percent= so that they add up to at most 100.",
                )


def _thin_is_sound(volume: LogicalVolume, pools: set[tuple[str, str]]) -> Iterator[Failure]:
    if volume.pool is None:
        yield fault(volume, f"{volume.name} is thin but names no pool.", "Add --poolname=.")
    elif (volume.group, volume.pool) not in pools:
        yield fault(
            volume,
            f"{volume.name} is in a pool {volume.pool}, which {volume.group} does not have.",
            f"Add `logvol none --thinpool --name={volume.pool} --vgname={volume.group}`.",
        )
    if volume.percent:
        yield fault(
            volume, f"{volume.name} is thin and takes no share of the group.", "Give --size=."
        )
