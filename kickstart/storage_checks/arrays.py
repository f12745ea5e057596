"""Partitions and RAID arrays."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from foundation.failure import Failure
from kickstart.install_plan import Partition, RaidArray, Storage
from kickstart.storage_checks.faults import at, fault, mounted, repeated

_ARRAY_MINIMUM = {"0": 2, "1": 2, "4": 3, "5": 3, "6": 4, "10": 4}
_ARRAY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")


def partitions_are_distinct(storage: Storage) -> Iterator[Failure]:
    """No partition is described twice."""
    handles = ("physical-volume", "raid-member")
    named = [(part.name, part) for part in storage.partitions if part.role in handles]
    named_arrays = [(raid.volume_name, raid) for raid in storage.raids if raid.volume_name]
    for name, first, again in repeated([*named, *named_arrays]):
        yield fault(again, f"{name} is described already{at(first)}.", "Name each once.")
    boot_areas = [(p.disk or "", p) for p in storage.partitions if p.role == "bios-boot"]
    for disk, first, again in repeated(boot_areas):
        yield fault(
            again,
            f"{disk or 'The disk'} has a BIOS boot area already{at(first)}.",
            "One for each disk is enough; name its disk with --ondisk=.",
        )
    existing = [(p.existing, p) for p in storage.partitions if p.existing]
    for name, first, again in repeated(existing):
        yield fault(again, f"{name} is used already{at(first)}.", "Use each partition once.")
    for part in storage.partitions:
        if part.role == "prep":
            yield fault(
                part,
                "A PReP partition is for POWER machines; this product is for x86-64.",
                "Use biosboot and /boot/efi.",
            )


def required_is_not_repeated(storage: Storage) -> Iterator[Failure]:
    """What reqpart makes is not made again."""
    if not storage.required:
        return
    for part in storage.partitions:
        if part.role in ("bios-boot", "efi"):
            yield fault(
                part,
                "reqpart makes the boot partitions, and so does this line.",
                "Keep one of them.",
            )
    if not storage.required_with_boot:
        return
    for item in mounted(storage):
        if item.mount_point == "/boot":
            yield fault(
                item, "reqpart --add-boot makes /boot, and so does this line.", "Keep one of them."
            )


def arrays_hold_together(storage: Storage) -> Iterator[Failure]:
    """Arrays have members enough, each of its own."""
    members = {part.name: part for part in storage.partitions if part.role == "raid-member"}
    for name, first, again in repeated((raid.device, raid) for raid in storage.raids):
        yield fault(
            again,
            f"The RAID array {name} is described already{at(first)}.",
            "Give each array another --device=.",
        )
    users: dict[str, RaidArray] = {}
    for raid in storage.raids:
        if not _ARRAY_NAME.fullmatch(raid.device):
            yield fault(
                raid, f"“{raid.device}” is not a name for an array.", "Use letters and digits."
            )
        for member in raid.members:
            if member not in members:
                yield fault(
                    raid,
                    f"{raid.device} has a member {member}, which no part line makes.",
                    f"Add `part {member} --size=… --ondisk=…`, or correct the name.",
                )
            elif users.get(member) is raid:
                yield fault(raid, f"{raid.device} names {member} twice.", "Name it once.")
            elif member in users:
                yield fault(
                    raid,
                    f"{member} is a member of {users[member].device} already{at(users[member])}.",
                    "Make a partition of its own for each array.",
                )
            users.setdefault(member, raid)
        yield from _array_is_complete(raid, members)
    for name, part in members.items():
        if name not in users:
            yield fault(part, f"{name} is a member of no RAID array.", "Name it in a raid line.")


def _array_is_complete(raid: RaidArray, members: dict[str, Partition]) -> Iterator[Failure]:
    if raid.mount_point == "/boot/efi":
        yield fault(
            raid,
            "The EFI System Partition cannot be a RAID array: firmware that writes to one half "
            "would part the two.",
            "Write one `part /boot/efi --fstype=efi`; every other disk of the mirror gets a copy.",
        )
        return
    if raid.mount_point == "/boot" and raid.level != "1":
        yield fault(raid, f"/boot cannot be RAID{raid.level}.", "Use --level=1 for /boot.")
    minimum, active = _ARRAY_MINIMUM[raid.level], len(raid.members) - raid.spares
    spares = f" besides {raid.spares} spare(s)" if raid.spares else ""
    if raid.spares and raid.level == "0":
        yield fault(raid, "RAID0 has no use for spares.", "Remove --spares=.")
    elif active < minimum:
        yield fault(
            raid,
            f"{raid.device} is RAID{raid.level} with {max(active, 0)} member(s){spares}; "
            f"it needs at least {minimum}.",
            "Add members on other disks, or use fewer spares.",
        )
    disks = [members[name].disk for name in raid.members if name in members]
    for disk, count in Counter(disk for disk in disks if disk and "*" not in disk).items():
        if count > 1 and raid.level != "0":
            yield fault(
                raid,
                f"{count} members of {raid.device} are on the same disk {disk}, "
                "so that it would not survive its failure.",
                "Put each member on a disk of its own with --ondisk=.",
            )
