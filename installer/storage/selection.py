"""Which disks: from the names that an author wrote to the disks of this machine.

Names mean what they mean to Anaconda: a kernel name, a path under ``/dev``, any link under
``/dev/disk`` (with or without ``/dev/``), and shell patterns of all of these; besides, the last
part of a link (``wwn-0x5000c500a1b2c3d4``) and a bare WWN. A leg of a multipath device names the
multipath device.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from foundation.failure import Failure
from installer.machine.model import Content, Disk, Machine, Node, in_words
from kickstart.install_plan import DiskUse

_UNKNOWN = "nothing recognised"
_PATTERN_CHARACTERS = frozenset("*?[")


def names_of(disk: Disk) -> frozenset[str]:
    """Every name by which an author may mean this disk."""
    names = {disk.name, disk.path, *disk.links}
    names |= {link.removeprefix("/dev/") for link in disk.links}
    names |= {link.rpartition("/")[2] for link in disk.links}
    for leg in disk.legs:
        names |= {leg, f"/dev/{leg}"}
    if disk.wwn:
        names.add(disk.wwn)
    return frozenset(names)


def matching_disks(name: str, disks: Iterable[Disk]) -> tuple[Disk, ...]:
    """The disks that ``name``, which may be a pattern, means."""
    if _PATTERN_CHARACTERS & set(name):
        return tuple(
            disk for disk in disks if any(fnmatchcase(known, name) for known in names_of(disk))
        )
    return tuple(disk for disk in disks if name in names_of(disk))


def resolve_disks(name: str, machine: Machine, where: str = "") -> tuple[Disk, ...]:
    """All disks that ``name`` means; raises Failure when it means none."""
    found = matching_disks(name, machine.disks)
    if not found:
        raise Failure(
            f"There is no disk “{name}” in this machine.",
            f"Name one of these: {list_disks(machine.disks)}.",
            where=where,
        )
    return found


def resolve_disk(name: str, machine: Machine, where: str = "") -> Disk:
    """The one disk that ``name`` means; raises Failure when it means none or several."""
    found = resolve_disks(name, machine, where)
    if len(found) > 1:
        raise Failure(
            f"“{name}” could be any of {len(found)} disks: {list_disks(found)}.",
            "Name one disk, best by its /dev/disk/by-id name.",
            where=where,
        )
    return found[0]


def resolve_partition(name: str, machine: Machine, where: str = "") -> tuple[Disk, Node]:
    """An existing partition by kernel name, path, ``LABEL=`` or ``UUID=``; raises Failure."""
    plain = name.removeprefix("/dev/")
    found = [
        (disk, node)
        for disk in machine.disks
        for node in disk.partitions
        if plain == node.name
        or (name.startswith("LABEL=") and name[6:] == node.content.label)
        or (name.startswith("UUID=") and name[5:] == node.content.uuid)
    ]
    if len(found) != 1:
        known = ", ".join(node.path for disk in machine.disks for node in disk.partitions)
        what = "no partition" if not found else "more than one partition"
        raise Failure(
            f"There is {what} “{name}” in this machine.",
            f"Name one of these: {known or 'none exist'}.",
            where=where,
        )
    return found[0]


def list_disks(disks: Iterable[Disk]) -> str:
    """Disks in a sentence, so that a person can pick one."""
    return "; ".join(disk.described for disk in disks) or "none was found"


def allowed_disks(use: DiskUse, machine: Machine) -> tuple[Disk, ...]:
    """The disks that may be written to at all, in the author's order, else the machine's.

    ``ignoredisk --only-use`` names them; without it, every fixed disk may be used. The install
    medium and read-only disks never are, and removable ones only when they are named. Raises
    Failure when a named disk is absent, the install medium, or read-only, or none is left.
    """
    if use.only:
        named = [disk for name in use.only for disk in resolve_disks(name, machine, use.where)]
        for disk in named:
            refuse_unwritable(disk, use.where)
        candidates = list({disk.name: disk for disk in named}.values())
    else:
        candidates = [
            disk
            for disk in machine.disks
            if not (disk.install_medium or disk.read_only or disk.removable)
        ]
    ignored = {disk.name for name in use.ignored for disk in matching_disks(name, machine.disks)}
    allowed = tuple(disk for disk in candidates if disk.name not in ignored)
    if not allowed:
        raise _no_disk(machine, use)
    return allowed


def _no_disk(machine: Machine, use: DiskUse) -> Failure:
    if not machine.disks:
        return Failure(
            "No disk was found in this machine.",
            "Check the cables and that the controller's driver is in the image; "
            "a RAID controller may need a volume made in its own setup first.",
        )
    reasons = "; ".join(f"{disk.path} {_why_not(disk)}" for disk in machine.disks)
    return Failure(
        f"None of this machine's disks may be used: {reasons}.",
        "Attach a disk to install on, or name one with ignoredisk --only-use.",
        where=use.where,
    )


def _why_not(disk: Disk) -> str:
    if disk.install_medium:
        return "is the install medium"
    if disk.read_only:
        return "is read-only"
    if disk.removable:
        return "is removable"
    return "is to be ignored"


def refuse_unwritable(disk: Disk, where: str = "") -> None:
    """Raise Failure when ``disk`` must never be written: the install medium, or read-only."""
    if disk.install_medium:
        raise Failure(
            f"{disk.path} is the install medium itself.",
            "Name another disk.",
            where=where,
        )
    if disk.read_only:
        raise Failure(
            f"{disk.path} is read-only.",
            "Lift its write protection, or name another disk.",
            where=where,
        )


def refuse_in_use(disk: Disk, where: str = "") -> None:
    """Raise Failure when something on ``disk`` is mounted or used as swap right now."""
    if disk.used_at:
        places = ", ".join(dict.fromkeys(disk.used_at))
        raise Failure(
            f"{disk.path} is in use (mounted at {places}).",
            "Unmount it, or name another disk.",
            where=where,
        )


def describe_content(disk: Disk, machine: Machine) -> tuple[str, ...]:
    """What a disk holds today, in a line each, for a person who is about to lose it."""
    lines = []
    if disk.content.kind:
        lines.append(f"{disk.path}: {_content_in_words(disk.content, disk.path, machine)}")
    for node in disk.partitions:
        label = f" “{node.partition_label}”" if node.partition_label else ""
        holds = ", with ".join(
            _content_in_words(inner.content, inner.path, machine)
            for inner in node.walk()
            if inner.content.kind and inner.kind != "lvm"
        )
        lines.append(f"{node.path}{label}: {in_words(node.size)}, {holds or _UNKNOWN}")
    return tuple(lines)


def _content_in_words(content: Content, path: str, machine: Machine) -> str:
    label = f" “{content.label}”" if content.label else ""
    if content.kind == "LVM2_member":
        group = next((g for g in machine.groups if path in g.physical_volumes), None)
        if group is None:
            return "LVM physical volume"
        volumes = ", ".join(volume.name for volume in group.volumes) or "no volumes"
        return f"LVM volume group {group.name} ({volumes})"
    if content.kind == "linux_raid_member":
        array = next((a for a in machine.arrays if path in a.members), None)
        return f"member of the RAID array {array.name}" if array else "RAID member"
    if content.kind is None:
        return _UNKNOWN
    words = {
        "swap": "swap",
        "crypto_LUKS": "encrypted (LUKS)",
        "zfs_member": "member of a ZFS pool",
        "iso9660": "ISO image",
        "isw_raid_member": "member of a firmware RAID",
        "ddf_raid_member": "member of a firmware RAID",
    }
    return words.get(content.kind, f"{content.kind} filesystem") + label
