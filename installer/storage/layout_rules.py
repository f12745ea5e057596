"""What any layout must fulfil to hold the image and to boot; refusals say how much, and why."""

from __future__ import annotations

from foundation.failure import Failure
from installer.machine.model import in_words
from installer.storage import sizes
from installer.storage.arithmetic import MIB
from installer.storage.filesystem_kinds import BOOTABLE
from installer.storage.layout import FilesystemLayout, Layout
from kickstart.install_plan import InstallPlan, RaidArray

# Folders that must be on the root filesystem: the boot before mounting needs them.
_BELONG_TO_ROOT = ("/bin", "/sbin", "/lib", "/lib64", "/etc", "/dev", "/proc", "/sys", "/run")


def refuse_esp_on_array(raids: tuple[RaidArray, ...]) -> None:
    """Raise Failure when an EFI System Partition is to lie on an array."""
    for raid in raids:
        if raid.mount_point == "/boot/efi" or raid.filesystem == "efi":
            raise Failure(
                "An EFI System Partition on an array is not supported: firmware writes to one "
                "half behind the array's back.",
                "Declare one `part /boot/efi --fstype=efi`; every further disk of the mirror "
                "gets its own.",
                where=raid.where,
            )


def check_layout(layout: Layout, plan: InstallPlan, unpacked_size: int) -> None:
    """Raise Failure for the first rule that ``layout`` breaks."""
    _check_mount_points(layout)
    root = layout.filesystem_at("/")
    if root is None:
        raise Failure(
            "Nothing is to be mounted at /.",
            "Add a partition or volume for /, or use `autopart`.",
            where=plan.source,
        )
    if root.kind not in BOOTABLE:
        raise Failure(f"/ cannot be {root.kind}.", "Use ext4 or xfs.", where=root.where)
    if not root.format:
        raise Failure(
            "/ is to be used without being formatted, so what is there would be mixed with "
            "the new system.",
            "Remove --noformat.",
            where=root.where,
        )
    _check_size(root, sizes.least_root_mib(unpacked_size) * MIB, "the host image unpacked")
    if plan.bootloader.location != "none":
        _check_boot(layout, plan)


def _check_mount_points(layout: Layout) -> None:
    seen: set[str] = set()
    for filesystem in layout.filesystems:
        at = filesystem.mount_point
        if at is None or not at.startswith("/"):
            continue
        if at in seen:
            raise Failure(
                f"{at} is to be mounted twice.", "Remove one of them.", where=filesystem.where
            )
        seen.add(at)
        if at in _BELONG_TO_ROOT:
            raise Failure(
                f"{at} cannot be a filesystem of its own.",
                "Leave it on the root filesystem.",
                where=filesystem.where,
            )


def _check_size(filesystem: FilesystemLayout, needed: int, why: str) -> None:
    if filesystem.size < needed:
        raise Failure(
            f"{filesystem.mount_point} is {in_words(filesystem.size)}; "
            f"{in_words(needed)} are needed for {why}.",
            "Make it larger, or use a larger disk.",
            where=filesystem.where,
        )


def _check_boot(layout: Layout, plan: InstallPlan) -> None:
    boot = layout.filesystem_at("/boot")
    if boot is not None:
        _check_size(boot, sizes.LEAST_BOOT_MIB * MIB, "two kernels with their initrds")
    holder = boot or layout.filesystem_at("/")
    assert holder is not None
    if holder.kind not in BOOTABLE:
        raise Failure(
            f"GRUB cannot start from {holder.kind}.",
            "Use ext4 or xfs for /boot.",
            where=holder.where,
        )
    _check_readable_by_grub(layout, holder)
    _check_esp(layout)
    if not layout.boot_disks:
        raise Failure(
            "No disk was found to boot from.",
            "Name one with `bootloader --boot-drive`.",
            where=plan.bootloader.where,
        )


def _check_readable_by_grub(layout: Layout, holder: FilesystemLayout) -> None:
    array = layout.array_at(holder.path)
    if array is not None and array.level != "1":
        raise Failure(
            f"/boot is on an array of level {array.level}; only a mirror (level 1) can be read "
            "when a disk is missing.",
            "Use level 1 for /boot.",
            where=holder.where,
        )
    group = layout.group_of(holder.path)
    volume = next((v for v in group.volumes if v.path == holder.path), None) if group else None
    if volume is not None and volume.kind == "thin":
        raise Failure(
            "GRUB cannot read a thin volume.",
            "Add a /boot on a partition, an array of level 1, or a plain volume.",
            where=holder.where,
        )


def _check_esp(layout: Layout) -> None:
    sector_sizes = {
        partition.path: disk.sector_size for disk in layout.disks for partition in disk.partitions
    }
    for filesystem in layout.filesystems:
        if filesystem.kind != "vfat":
            continue
        needed = sizes.least_esp_mib(sector_sizes.get(filesystem.path, 512)) * MIB
        if filesystem.size < needed:
            raise Failure(
                f"The EFI System Partition {filesystem.path} is {in_words(filesystem.size)}; "
                f"{in_words(needed)} are needed for FAT32 on this disk's sectors.",
                "Make it larger.",
                where=filesystem.where,
            )
