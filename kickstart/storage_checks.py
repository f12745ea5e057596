"""Whether the parts of a storage layout fit together, as far as can be told without a machine.

pykickstart looks at single lines only, and the installer's screens make layouts without it; so
both ask here. Every fault is a Failure at the line that caused it; the checks are listed in
``_CHECKS`` and each looks for one kind of fault.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import PurePosixPath

from foundation.failure import Failure
from kickstart.install_plan import Formatted, LogicalVolume, Partition, RaidArray, Storage

ROOT_MINIMUM_MIB = 4096
"""What the host image needs unpacked, with some room to live; the installer knows exactly."""

BOOT_MINIMUM_MIB = 300
ESP_MINIMUM_MIB = 64

FILESYSTEMS = {"ext3": 16, "ext4": 16, "xfs": 12, "vfat": 11, "efi": 11, "swap": 15}
"""What can be made, and the longest label of each."""

_BOOT_FILESYSTEMS = ("ext3", "ext4", "xfs")
_ARRAY_MINIMUM = {"0": 2, "1": 2, "4": 3, "5": 3, "6": 4, "10": 4}
# Parts of the image's root slot: on a filesystem of their own they would not follow an upgrade.
_ON_ROOT = ("/bin", "/etc", "/lib", "/lib64", "/root", "/sbin", "/usr")
_KERNEL_OWNED = ("/dev", "/proc", "/run", "/sys")
# lvm(8), "VALID NAMES".
_LVM_NAME = re.compile(r"(?!-)[A-Za-z0-9+_.-]{1,127}")
_LVM_RESERVED = re.compile(
    r"\.{1,2}|snapshot.*|pvmove.*"
    r"|.*(_cdata|_cmeta|_corig|_iorig|_mimage|_mlog|_rimage|_rmeta|_tdata|_tmeta|_vorigin).*"
)
_ARRAY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")


def check_storage(storage: Storage) -> list[Failure]:
    """Everything that is wrong with ``storage``; empty when it fits together."""
    return [failure for check in _CHECKS for failure in check(storage)]


def _fault(item: object, cause: str, remedy: str) -> Failure:
    return Failure(cause, remedy, where=str(getattr(item, "where", "")))


def _mounted(storage: Storage) -> tuple[Formatted, ...]:
    return (*storage.partitions, *storage.raids, *storage.volumes)


def _repeated(items: Iterable[tuple[str, object]]) -> Iterator[tuple[str, object, object]]:
    """Each name met again: the name, the item that had it first, and the one that repeats it."""
    first: dict[str, object] = {}
    for name, item in items:
        if name in first:
            yield name, first[name], item
        first.setdefault(name, item)


def _at(item: object) -> str:
    where = getattr(item, "where", "")
    return f" at {where}" if where else ""


# --- the whole ---


def _says_something(storage: Storage) -> Iterator[Failure]:
    explicit = (*storage.partitions, *storage.raids, *storage.groups, *storage.volumes)
    if storage.automatic and (explicit or storage.required):
        yield _fault(
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


def _disks_are_allowed(storage: Storage) -> Iterator[Failure]:
    named: list[tuple[str, object, str]] = [
        (disk, storage.clearing, "clearpart") for disk in _cleared(storage)
    ]
    named += [(part.disk, part, "part --ondisk") for part in storage.partitions if part.disk]
    for disk, item, command in named:
        if any(fnmatch(disk, ignored) for ignored in storage.use.ignored):
            yield _fault(
                item,
                f"{command} names {disk}, which is ignored{_at(storage.use)}.",
                "Take it out of ignoredisk, or use another disk.",
            )
        if storage.use.only and not any(
            fnmatch(disk, only) or fnmatch(only, disk) for only in storage.use.only
        ):
            yield _fault(
                item,
                f"{command} names {disk}, which is not among the disks to use{_at(storage.use)}.",
                "Add it to ignoredisk --only-use, or use one that is there.",
            )


def _cleared(storage: Storage) -> tuple[str, ...]:
    return storage.clearing.disks if storage.clearing else ()


# --- what has a filesystem ---


def _mount_points_are_sound(storage: Storage) -> Iterator[Failure]:
    points = [(item.mount_point or "", item) for item in _mounted(storage)]
    for name, first, again in _repeated(
        (point, item) for point, item in points if point.startswith("/")
    ):
        if name == "/boot/efi":
            yield _fault(
                again,
                f"/boot/efi is described already{_at(first)}.",
                "Describe it once: every disk of a mirror gets an EFI System Partition of its own.",
            )
            continue
        yield _fault(
            again,
            f"{name} is mounted twice: it is described already{_at(first)}.",
            "Give each mount point once.",
        )
    for point, item in points:
        if not point.startswith("/"):
            continue
        path = PurePosixPath(point)
        if str(path) != point or ".." in path.parts or re.search(r"[\s\x00-\x1f,:\\]", point):
            yield _fault(
                item,
                f"“{point}” is not a mount point.",
                "Write an absolute path without .., double slashes, spaces or a slash at its end.",
            )
        elif any(path.is_relative_to(folder) for folder in _KERNEL_OWNED):
            yield _fault(item, f"{point} belongs to the kernel.", "Choose another mount point.")
        elif point in _ON_ROOT:
            yield _fault(
                item,
                f"{point} must be on the root filesystem: it is part of the host image.",
                "Leave the line out.",
            )


def _filesystems_are_known(storage: Storage) -> Iterator[Failure]:
    for item in _mounted(storage):
        kind, point = item.filesystem, item.mount_point
        if kind is None:
            continue
        if kind not in FILESYSTEMS:
            known = ", ".join(sorted(FILESYSTEMS))
            yield _fault(item, f"The filesystem {kind} cannot be made.", f"Use one of {known}.")
            continue
        if (kind == "swap") != (point == "swap"):
            yield _fault(
                item, f"{point or 'nothing'} is not mounted as swap.", "Write `swap` for both."
            )
        elif (kind == "efi") != (point == "/boot/efi"):
            yield _fault(item, f"{kind} is for /boot/efi only.", "Use ext4 or xfs here.")
        elif point in ("/", "/boot") and kind not in _BOOT_FILESYSTEMS:
            yield _fault(item, f"{point} cannot be {kind}.", "Use ext4 or xfs.")
        if item.label is not None and len(item.label.encode()) > FILESYSTEMS[kind]:
            yield _fault(
                item,
                f"The label {item.label} is too long for {kind}.",
                f"Use at most {FILESYSTEMS[kind]} characters.",
            )


def _sizes_are_given(storage: Storage) -> Iterator[Failure]:
    items: list[Partition | LogicalVolume] = [*storage.partitions, *storage.volumes]
    for item in items:
        percent = item.percent if isinstance(item, LogicalVolume) else None
        reused = item.existing
        if item.recommended and item.mount_point != "swap":
            yield _fault(
                item,
                "--recommended is for swap only.",
                "Give --size= in MiB, or --grow.",
            )
        elif not (item.size or item.grow or percent or reused or item.recommended):
            yield _fault(
                item,
                f"{item.name} has no size.",
                "Give --size= in MiB, --grow to take what is left, or both.",
            )
        if item.size and percent:
            yield _fault(item, f"{item.name} has a size and a share.", "Give one of them.")
        if item.max_size and not item.grow:
            yield _fault(item, f"{item.name} has a --maxsize= but does not grow.", "Add --grow.")
        elif item.max_size and item.size and item.max_size < item.size:
            yield _fault(
                item,
                f"{item.name} has a --maxsize= of {item.max_size} MiB, "
                f"below its --size= of {item.size} MiB.",
                "Raise --maxsize=.",
            )
        if not item.format and not reused:
            yield _fault(
                item,
                f"{item.name} is new, so it cannot be left unformatted.",
                "Remove --noformat, or name what is there with --onpart= or --useexisting.",
            )


def _system_fits(storage: Storage) -> Iterator[Failure]:
    explicit = _mounted(storage)
    if not explicit:
        return
    by_point = {item.mount_point: item for item in explicit}
    root, boot, esp = (by_point.get(point) for point in ("/", "/boot", "/boot/efi"))
    if root is None:
        yield Failure(
            "No line is for / (the root filesystem).",
            "Add one, as in `logvol / --vgname=flexvdi --name=root_a --size=8192`.",
            where=explicit[0].where,
        )
        return
    if not root.format:
        yield _fault(root, "/ must be formatted anew.", "Remove --noformat.")
    for item, minimum, why in (
        (root, ROOT_MINIMUM_MIB, "the host image needs that"),
        (boot, BOOT_MINIMUM_MIB, "two kernels with their initrds need that"),
        (esp, ESP_MINIMUM_MIB, "the bootloaders of two root slots need that"),
    ):
        size = getattr(item, "size", None)
        if item and size and not getattr(item, "grow", False) and size < minimum:
            yield _fault(
                item,
                f"{item.mount_point} is too small with {size} MiB.",
                f"Give it at least {minimum} MiB: {why}.",
            )
    bootable = boot or root
    if isinstance(bootable, LogicalVolume) and bootable.kind == "thin":
        yield _fault(
            bootable,
            f"{bootable.mount_point} is on a thin volume, which GRUB cannot read.",
            "Add a /boot on a partition or a RAID1 array.",
        )


# --- partitions and arrays ---


def _partitions_are_distinct(storage: Storage) -> Iterator[Failure]:
    handles = ("physical-volume", "raid-member")
    named = [(part.name, part) for part in storage.partitions if part.role in handles]
    named_arrays = [(raid.volume_name, raid) for raid in storage.raids if raid.volume_name]
    for name, first, again in _repeated([*named, *named_arrays]):
        yield _fault(again, f"{name} is described already{_at(first)}.", "Name each once.")
    boot_areas = [(p.disk or "", p) for p in storage.partitions if p.role == "bios-boot"]
    for disk, first, again in _repeated(boot_areas):
        yield _fault(
            again,
            f"{disk or 'The disk'} has a BIOS boot area already{_at(first)}.",
            "One for each disk is enough; name its disk with --ondisk=.",
        )
    existing = [(p.existing, p) for p in storage.partitions if p.existing]
    for name, first, again in _repeated(existing):
        yield _fault(again, f"{name} is used already{_at(first)}.", "Use each partition once.")
    for part in storage.partitions:
        if part.role == "prep":
            yield _fault(
                part,
                "A PReP partition is for POWER machines; this product is for x86-64.",
                "Use biosboot and /boot/efi.",
            )


def _required_is_not_repeated(storage: Storage) -> Iterator[Failure]:
    if not storage.required:
        return
    for part in storage.partitions:
        if part.role in ("bios-boot", "efi"):
            yield _fault(
                part,
                "reqpart makes the boot partitions, and so does this line.",
                "Keep one of them.",
            )
    if not storage.required_with_boot:
        return
    for item in _mounted(storage):
        if item.mount_point == "/boot":
            yield _fault(
                item, "reqpart --add-boot makes /boot, and so does this line.", "Keep one of them."
            )


def _arrays_hold_together(storage: Storage) -> Iterator[Failure]:
    members = {part.name: part for part in storage.partitions if part.role == "raid-member"}
    for name, first, again in _repeated((raid.device, raid) for raid in storage.raids):
        yield _fault(
            again,
            f"The RAID array {name} is described already{_at(first)}.",
            "Give each array another --device=.",
        )
    users: dict[str, RaidArray] = {}
    for raid in storage.raids:
        if not _ARRAY_NAME.fullmatch(raid.device):
            yield _fault(
                raid, f"“{raid.device}” is not a name for an array.", "Use letters and digits."
            )
        for member in raid.members:
            if member not in members:
                yield _fault(
                    raid,
                    f"{raid.device} has a member {member}, which no part line makes.",
                    f"Add `part {member} --size=… --ondisk=…`, or correct the name.",
                )
            elif users.get(member) is raid:
                yield _fault(raid, f"{raid.device} names {member} twice.", "Name it once.")
            elif member in users:
                yield _fault(
                    raid,
                    f"{member} is a member of {users[member].device} already{_at(users[member])}.",
                    "Make a partition of its own for each array.",
                )
            users.setdefault(member, raid)
        yield from _array_is_complete(raid, members)
    for name, part in members.items():
        if name not in users:
            yield _fault(part, f"{name} is a member of no RAID array.", "Name it in a raid line.")


def _array_is_complete(raid: RaidArray, members: dict[str, Partition]) -> Iterator[Failure]:
    if raid.mount_point == "/boot/efi":
        yield _fault(
            raid,
            "The EFI System Partition cannot be a RAID array: firmware that writes to one half "
            "would part the two.",
            "Write one `part /boot/efi --fstype=efi`; every other disk of the mirror gets a copy.",
        )
        return
    if raid.mount_point == "/boot" and raid.level != "1":
        yield _fault(raid, f"/boot cannot be RAID{raid.level}.", "Use --level=1 for /boot.")
    minimum, active = _ARRAY_MINIMUM[raid.level], len(raid.members) - raid.spares
    spares = f" besides {raid.spares} spare(s)" if raid.spares else ""
    if raid.spares and raid.level == "0":
        yield _fault(raid, "RAID0 has no use for spares.", "Remove --spares=.")
    elif active < minimum:
        yield _fault(
            raid,
            f"{raid.device} is RAID{raid.level} with {max(active, 0)} member(s){spares}; "
            f"it needs at least {minimum}.",
            "Add members on other disks, or use fewer spares.",
        )
    disks = [members[name].disk for name in raid.members if name in members]
    for disk, count in Counter(disk for disk in disks if disk and "*" not in disk).items():
        if count > 1 and raid.level != "0":
            yield _fault(
                raid,
                f"{count} members of {raid.device} are on the same disk {disk}, "
                "so that it would not survive its failure.",
                "Put each member on a disk of its own with --ondisk=.",
            )


# --- LVM ---


def _groups_hold_together(storage: Storage) -> Iterator[Failure]:
    members: dict[str, Partition | RaidArray] = {
        part.name: part for part in storage.partitions if part.role == "physical-volume"
    }
    members |= {raid.volume_name: raid for raid in storage.raids if raid.volume_name}
    for name, first, again in _repeated((group.name, group) for group in storage.groups):
        yield _fault(
            again,
            f"The volume group {name} is described already{_at(first)}.",
            "Name all its members on one line.",
        )
    users: dict[str, str] = {}
    for group in storage.groups:
        if not _LVM_NAME.fullmatch(group.name) or _LVM_RESERVED.fullmatch(group.name):
            yield _fault(
                group,
                f"“{group.name}” is not a name for a volume group.",
                "Use letters, digits, _ and -.",
            )
        if not group.members and not group.existing:
            yield _fault(
                group,
                f"The volume group {group.name} has no members.",
                "Name them after it, as in `volgroup flexvdi pv.01`.",
            )
        for member in group.members:
            if member not in members:
                yield _fault(
                    group,
                    f"{group.name} has a member {member}, which no part or raid line makes.",
                    f"Add `part {member} --size=…`, or correct the name.",
                )
            elif member in users:
                yield _fault(
                    group, f"{member} is in {users[member]} already.", "Use each member once."
                )
            users.setdefault(member, group.name)
        if group.extent_kib < 1 or group.extent_kib & (group.extent_kib - 1):
            yield _fault(
                group, f"--pesize={group.extent_kib} is not a power of two.", "Use 4096 (KiB)."
            )
        if group.reserved < 0 or not 0 <= group.reserved_percent < 100:
            yield _fault(
                group,
                "The reserved space is out of range.",
                "Give --reserved-space= in MiB, or --reserved-percent= from 1 to 99.",
            )
    for name, item in members.items():
        if name not in users:
            yield _fault(item, f"{name} is in no volume group.", "Name it in a volgroup line.")


def _volumes_hold_together(storage: Storage) -> Iterator[Failure]:
    groups = {group.name: group for group in storage.groups}
    pools = {(v.group, v.name) for v in storage.volumes if v.kind == "thin-pool"}
    names = ((f"{volume.group}/{volume.name}", volume) for volume in storage.volumes)
    for name, first, again in _repeated(names):
        yield _fault(
            again, f"The volume {name} is described already{_at(first)}.", "Name each once."
        )
    shares: defaultdict[str, int] = defaultdict(int)
    for volume in storage.volumes:
        if not _LVM_NAME.fullmatch(volume.name) or _LVM_RESERVED.fullmatch(volume.name):
            yield _fault(
                volume,
                f"“{volume.name}” is not a name for a volume.",
                "Use letters, digits, _ and -; LVM keeps some names for itself.",
            )
        group = groups.get(volume.group)
        if group is None:
            yield _fault(
                volume,
                f"{volume.name} is in a volume group {volume.group}, which no volgroup line makes.",
                f"Add `volgroup {volume.group} pv.…`, or correct --vgname=.",
            )
        elif volume.existing and not group.existing:
            yield _fault(
                volume,
                f"{volume.name} is to be reused, but its group {volume.group} is made anew.",
                "Add --useexisting to the volgroup line.",
            )
        if volume.kind == "thin":
            yield from _thin_is_sound(volume, pools)
        elif volume.percent:
            shares[volume.group] += volume.percent
            if shares[volume.group] > 100:
                yield _fault(
                    volume,
                    f"The shares of {volume.group} add up to {shares[volume.group]} %.",
                    "Lower --percent= so that they add up to at most 100.",
                )


def _thin_is_sound(volume: LogicalVolume, pools: set[tuple[str, str]]) -> Iterator[Failure]:
    if volume.pool is None:
        yield _fault(volume, f"{volume.name} is thin but names no pool.", "Add --poolname=.")
    elif (volume.group, volume.pool) not in pools:
        yield _fault(
            volume,
            f"{volume.name} is in a pool {volume.pool}, which {volume.group} does not have.",
            f"Add `logvol none --thinpool --name={volume.pool} --vgname={volume.group}`.",
        )
    if volume.percent:
        yield _fault(
            volume, f"{volume.name} is thin and takes no share of the group.", "Give --size=."
        )


_CHECKS = (
    _says_something,
    _disks_are_allowed,
    _mount_points_are_sound,
    _filesystems_are_known,
    _sizes_are_given,
    _system_fits,
    _partitions_are_distinct,
    _required_is_not_repeated,
    _arrays_hold_together,
    _groups_hold_together,
    _volumes_hold_together,
)
