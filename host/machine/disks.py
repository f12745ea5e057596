"""The disks of a machine: block devices, what is on them, and the adapters they hang on."""

from __future__ import annotations

from typing import Protocol

from host.storage_values import Disk, HostAdapter, Smart


class Disks(Protocol):
    """lsblk, udev's names, smartctl and the kernel's SCSI hosts."""

    def disks(self) -> tuple[Disk, ...]:
        """All of them, multipath devices included; without SMART."""

    def smart(self, disk: Disk) -> Smart:
        """How the disk says it is; ``unknown`` for one that does not say."""

    def adapters(self) -> tuple[HostAdapter, ...]:
        """SCSI hosts."""

    def rescan(self, adapters: tuple[HostAdapter, ...]) -> None:
        """Have them, and every disk, look again; returns when udev has settled."""

    def appears(self, device: str) -> bool:
        """Whether a device is there, after waiting some seconds for one that is just coming."""

    def wipe(self, device: str) -> None:
        """Erase the signatures of whatever is on a device."""

    def media(self, folder: str) -> tuple[tuple[str, int], ...]:
        """ISO images in a folder: names and sizes in bytes; none where it cannot be read."""
