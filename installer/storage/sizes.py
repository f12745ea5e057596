"""How much things need: of the product's own layout, and the least that makes sense. MiB."""

from __future__ import annotations

from installer.storage.arithmetic import MIB

BIOS_BOOT_MIB = 1
ESP_MIB = 512
BOOT_MIB = 1024
# The kernel and initrd of two slots, and GRUB.
LEAST_BOOT_MIB = 400
LEAST_ROOT_SLOT_MIB = 4096
USUAL_ROOT_SLOT_MIB = 8192
ROOMY_DISK_MIB = 40 * 1024


def least_esp_mib(sector_size: int) -> int:
    """The smallest FAT32 (65525 clusters of at least one sector) that shim, GRUB and a spare fit.

    Firmware must read FAT32 (UEFI 2.10, 13.3); FAT16 on a fixed disk is not certain to work.
    """
    return 260 if sector_size > 512 else 64


def least_root_mib(unpacked_size: int) -> int:
    """The smallest root filesystem for an image of ``unpacked_size`` bytes.

    A tenth goes to the filesystem itself and to fragments of blocks; logs and a moment's growth
    need the rest.
    """
    return -(-unpacked_size * 11 // 10 // MIB) + 256


def root_slot_mib(unpacked_size: int, disk_size: int) -> int:
    """The size of one root slot in the product's own layout, on a disk of ``disk_size`` bytes."""
    comfortable = USUAL_ROOT_SLOT_MIB if disk_size >= ROOMY_DISK_MIB * MIB else LEAST_ROOT_SLOT_MIB
    return max(comfortable, -(-least_root_mib(unpacked_size) // 1024) * 1024)


def recommended_swap_mib(memory: int, disk_size: int | None = None) -> int:
    """Swap for ``memory`` bytes of RAM by Anaconda's table, at most a tenth of the disk."""
    ram = memory // MIB
    if ram < 2048:
        swap = 2 * ram
    elif ram < 8192:
        swap = ram
    elif ram < 65536:
        swap = ram // 2
    else:
        swap = 4096
    if disk_size is not None:
        swap = min(swap, disk_size // MIB // 10)
    return max(256, swap)
