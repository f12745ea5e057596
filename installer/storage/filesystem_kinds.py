"""The filesystems that can be made, which one goes where unless said otherwise, and their limits.

ext4 for what must be robust and may shrink (``/boot``, root slots); XFS for everything else, whose
reflinks make clones of images instant.
"""

from __future__ import annotations

from typing import Literal

from foundation.failure import Failure
from installer.storage.arithmetic import MIB

Kind = Literal["ext4", "ext3", "ext2", "xfs", "vfat", "swap"]

_KINDS: dict[str, Kind] = {
    "ext4": "ext4",
    "ext3": "ext3",
    "ext2": "ext2",
    "xfs": "xfs",
    "vfat": "vfat",
    "efi": "vfat",
    "swap": "swap",
}
_DEFAULTS: dict[str, Kind] = {"/": "ext4", "/boot": "ext4", "/boot/efi": "vfat", "swap": "swap"}
# mkfs.xfs refuses less than 300 MiB; a swap area needs a few pages.
LEAST_SIZE: dict[Kind, int] = {
    "ext4": 16 * MIB,
    "ext3": 16 * MIB,
    "ext2": 16 * MIB,
    "xfs": 300 * MIB,
    "vfat": 33 * MIB,
    "swap": MIB,
}
# GRUB reads these; it cannot read every other filesystem, and never a thin volume.
BOOTABLE: frozenset[Kind] = frozenset({"ext4", "ext3", "ext2", "xfs"})


def filesystem_kind(name: str | None, mount_point: str | None, where: str = "") -> Kind:
    """The kind for what a plan calls ``name`` (None: the default there); raises Failure."""
    if name is None:
        return _DEFAULTS.get(mount_point or "", "xfs")
    kind = _KINDS.get(name.lower())
    if kind is None:
        raise Failure(
            f"The filesystem “{name}” cannot be made by this installer.",
            "Use one of ext4, xfs, ext3, ext2, vfat, efi, swap.",
            where=where,
        )
    return kind


def mount_options(kind: Kind, mount_point: str | None, wanted: str | None) -> str:
    """fstab's fourth field; the ESP may be missing with its disk, which must not stop the boot."""
    if wanted:
        return wanted
    if mount_point == "/boot/efi":
        # Nothing waits for it, and a server with hundreds of LUNs is slow to find its own disks.
        return "umask=0077,shortname=winnt,nofail,x-systemd.device-timeout=300s"
    return "defaults"
