"""What has a filesystem: where it is mounted, what it is made of, how large it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from foundation.failure import Failure
from kickstart.install_plan import LogicalVolume, Partition, Storage
from kickstart.storage_checks.faults import at, fault, mounted, repeated

ROOT_MINIMUM_MIB = 4096
"""What the host image needs unpacked, with some room to live; the installer knows exactly."""
BOOT_MINIMUM_MIB = 300
ESP_MINIMUM_MIB = 64
FILESYSTEMS = {"ext3": 16, "ext4": 16, "xfs": 12, "vfat": 11, "efi": 11, "swap": 15}
"""What can be made, and the longest label of each."""
_BOOT_FILESYSTEMS = ("ext3", "ext4", "xfs")
# Parts of the image's root slot: on a filesystem of their own they would not follow an upgrade.
_ON_ROOT = ("/bin", "/etc", "/lib", "/lib64", "/root", "/sbin", "/usr")
_KERNEL_OWNED = ("/dev", "/proc", "/run", "/sys")


def mount_points_are_sound(storage: Storage) -> Iterator[Failure]:
    """Nothing is mounted twice, or where it cannot be."""
    points = [(item.mount_point or "", item) for item in mounted(storage)]
    for name, first, again in repeated(
        (point, item) for point, item in points if point.startswith("/")
    ):
        if name == "/boot/efi":
            yield fault(
                again,
                f"/boot/efi is described already{at(first)}.",
                "Describe it once: every disk of a mirror gets an EFI System Partition of its own.",
            )
            continue
        yield fault(
            again,
            f"{name} is mounted twice: it is described already{at(first)}.",
            "Give each mount point once.",
        )
    for point, item in points:
        if not point.startswith("/"):
            continue
        path = PurePosixPath(point)
        if str(path) != point or ".." in path.parts or re.search(r"[\s\x00-\x1f,:\\]", point):
            yield fault(
                item,
                f"“{point}” is not a mount point.",
                "Write an absolute path without .., double slashes, spaces or a slash at its end.",
            )
        elif any(path.is_relative_to(folder) for folder in _KERNEL_OWNED):
            yield fault(item, f"{point} belongs to the kernel.", "Choose another mount point.")
        elif point in _ON_ROOT:
            yield fault(
                item,
                f"{point} must be on the root filesystem: it is part of the host image.",
                "Leave the line out.",
            )


def filesystems_are_known(storage: Storage) -> Iterator[Failure]:
    """Each can be made, with the label asked for."""
    for item in mounted(storage):
        kind, point = item.filesystem, item.mount_point
        if kind is None:
            continue
        if kind not in FILESYSTEMS:
            known = ", ".join(sorted(FILESYSTEMS))
            yield fault(item, f"The filesystem {kind} cannot be made.", f"Use one of {known}.")
            continue
        if (kind == "swap") != (point == "swap"):
            yield fault(
                item, f"{point or 'nothing'} is not mounted as swap.", "Write `swap` for both."
            )
        elif (kind == "efi") != (point == "/boot/efi"):
            yield fault(item, f"{kind} is for /boot/efi only.", "Use ext4 or xfs here.")
        elif point in ("/", "/boot") and kind not in _BOOT_FILESYSTEMS:
            yield fault(item, f"{point} cannot be {kind}.", "Use ext4 or xfs.")
        if item.label is not None and len(item.label.encode()) > FILESYSTEMS[kind]:
            yield fault(
                item,
                f"The label {item.label} is too long for {kind}.",
                f"Use at most {FILESYSTEMS[kind]} characters.",
            )


def sizes_are_given(storage: Storage) -> Iterator[Failure]:
    """Each has a size, or something that gives it one."""
    items: list[Partition | LogicalVolume] = [*storage.partitions, *storage.volumes]
    for item in items:
        percent = item.percent if isinstance(item, LogicalVolume) else None
        reused = item.existing
        if item.recommended and item.mount_point != "swap":
            yield fault(
                item,
                "--recommended is for swap only.",
                "Give --size= in MiB, or --grow.",
            )
        elif not (item.size or item.grow or percent or reused or item.recommended):
            yield fault(
                item,
                f"{item.name} has no size.",
                "Give --size= in MiB, --grow to take what is left, or both.",
            )
        if item.size and percent:
            yield fault(item, f"{item.name} has a size and a share.", "Give one of them.")
        if item.max_size and not item.grow:
            yield fault(item, f"{item.name} has a --maxsize= but does not grow.", "Add --grow.")
        elif item.max_size and item.size and item.max_size < item.size:
            yield fault(
                item,
                f"{item.name} has a --maxsize= of {item.max_size} MiB, "
                f"below its --size= of {item.size} MiB.",
                "Raise --maxsize=.",
            )
        if not item.format and not reused:
            yield fault(
                item,
                f"{item.name} is new, so it cannot be left unformatted.",
                "Remove --noformat, or name what is there with --onpart= or --useexisting.",
            )


def system_fits(storage: Storage) -> Iterator[Failure]:
    """There is a root, and room on it and beside it to boot from."""
    explicit = mounted(storage)
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
        yield fault(root, "/ must be formatted anew.", "Remove --noformat.")
    for item, minimum, why in (
        (root, ROOT_MINIMUM_MIB, "the host image needs that"),
        (boot, BOOT_MINIMUM_MIB, "two kernels with their initrds need that"),
        (esp, ESP_MINIMUM_MIB, "the bootloaders of two root slots need that"),
    ):
        size = getattr(item, "size", None)
        if item and size and not getattr(item, "grow", False) and size < minimum:
            yield fault(
                item,
                f"{item.mount_point} is too small with {size} MiB.",
                f"Give it at least {minimum} MiB: {why}.",
            )
    bootable = boot or root
    if isinstance(bootable, LogicalVolume) and bootable.kind == "thin":
        yield fault(
            bootable,
            f"{bootable.mount_point} is on a thin volume, which GRUB cannot read.",
            "Add a /boot on a partition or a RAID1 array.",
        )
