"""GRUB's first sectors for BIOS, told where on the disk the next ones lie.

The offsets are GRUB's own (grub-core/boot/i386/pc/boot.S and diskboot.S, i386/pc/boot.h): the boot
sector holds the address of the core's first sector, and that sector a list of where the rest is.
grub-bios-setup(8) writes the same, but only onto a disk that the kernel shows as a device.
"""

from __future__ import annotations

import struct

from foundation.failure import Failure

SECTOR = 512
# As much of the boot sector as is code; a partition table follows.
CODE_SIZE = 440
_CORE_ADDRESS = 0x5C
_REST = SECTOR - 12
_REST_SEGMENT = 0x820


def boot_code(boot_sector: bytes, core_at: int) -> bytes:
    """The code of the disk's first sector, for a core that begins at the sector ``core_at``."""
    if len(boot_sector) != SECTOR or boot_sector[-2:] != b"\x55\xaa":
        raise _not_grub("boot.img")
    code = bytearray(boot_sector[:CODE_SIZE])
    struct.pack_into("<Q", code, _CORE_ADDRESS, core_at)
    return bytes(code)


def placed_core(core: bytes, core_at: int) -> bytes:
    """The core as it lies on the disk from the sector ``core_at`` on."""
    sectors = -(-len(core) // SECTOR)
    if sectors < 2:
        raise _not_grub("core")
    _start, count, segment = struct.unpack_from("<QHH", core, _REST)
    if count != sectors - 1 or segment != _REST_SEGMENT:
        raise _not_grub("core")
    placed = bytearray(core)
    struct.pack_into("<Q", placed, _REST, core_at + 1)
    return bytes(placed)


def _not_grub(what: str) -> Failure:
    return Failure(
        f"GRUB's {what} for BIOS is not of the form that is known.",
        "Build the image on a base whose GRUB is version 2.",
    )
