"""Writes partition tables with libparted: GPT with names, types and flags.

libparted is GPL-3.0-or-later; nothing of pykickstart may be imported into the same process.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import parted

from foundation.failure import Failure
from installer.storage.devices import settle, wait_for_device
from installer.storage.layout import DiskLayout, PartitionLayout
from installer.storage.teardown import erase_devices

_ATTEMPTS = 6
_FIRST_PAUSE = 0.25

# Flags set the GPT type: BIOS boot, ESP, Linux RAID, Linux LVM, Linux swap. Without one, the type
# is Linux filesystem data.
_FLAGS = {
    "bios-boot": parted.PARTITION_BIOS_GRUB,
    "efi": parted.PARTITION_BOOT,
    "raid-member": parted.PARTITION_RAID,
    "physical-volume": parted.PARTITION_LVM,
    "swap": parted.PARTITION_SWAP,
}


def partition_disk(disk: DiskLayout) -> None:
    """Make the partition table of ``disk`` what the layout says, and wait for its devices.

    Run again, it finds its own partitions and leaves them. Raises Failure when the table cannot
    be written or the kernel does not take it.
    """
    new = [partition for partition in disk.partitions if not partition.existing]
    if not new and not disk.wipe and not disk.removed:
        return
    write_table(disk, disk.path)
    settle()
    for partition in new:
        wait_for_device(partition.path)
    # Where a partition begins, an older one may have begun: its signature would come back.
    erase_devices(partition.path for partition in new)


def write_table(disk: DiskLayout, path: str) -> None:
    """Write the table of ``disk`` to the device or file ``path``."""
    try:
        _with_patience(disk, path)
    except (parted.IOException, parted.DiskException, parted.PartitionException) as error:
        raise Failure(
            f"The partition table of {path} could not be written: {_first_line(error)}",
            "Check that nothing uses the disk (lsblk) and look at the kernel log (dmesg).",
            details=str(error),
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no reason was given"])[0]


def _with_patience(disk: DiskLayout, path: str) -> None:
    """The kernel refuses a new table while udev still reads the old one: try again, more slowly."""
    pause = _FIRST_PAUSE
    for attempt in range(_ATTEMPTS):
        try:
            _write_once(disk, path)
            return
        except (parted.IOException, parted.DiskException):
            if attempt == _ATTEMPTS - 1:
                raise
            if Path(path).is_block_device():
                settle()
            time.sleep(pause)
            pause *= 2


def _write_once(layout: DiskLayout, path: str) -> None:
    device = parted.getDevice(path)
    try:
        disk = parted.freshDisk(device, "gpt") if layout.wipe else parted.newDisk(device)
        for number in layout.removed:
            old = _find(disk, number)
            if old is not None and not _is_planned(old, layout, device.sectorSize):
                disk.deletePartition(old)
        for planned in layout.partitions:
            if planned.existing:
                continue
            there = _find(disk, planned.number)
            if there is None:
                _add(disk, device, planned)
        disk.commit()
    finally:
        # Other programs must see what was written, and may open the device exclusively.
        device.removeFromCache()


def _find(disk: Any, number: int) -> Any | None:
    return next((found for found in disk.partitions if found.number == number), None)


def _is_planned(found: Any, layout: DiskLayout, sector_size: int) -> bool:
    """Whether a partition is one of ours from an earlier run of this step."""
    return any(
        planned.number == found.number
        and planned.start == found.geometry.start * sector_size
        and planned.size == found.geometry.length * sector_size
        and planned.label == (found.name or "")
        for planned in layout.partitions
        if not planned.existing
    )


def _add(disk: Any, device: Any, planned: PartitionLayout) -> None:
    geometry = parted.Geometry(
        device=device,
        start=planned.start // device.sectorSize,
        length=planned.size // device.sectorSize,
    )
    partition = parted.Partition(disk=disk, type=parted.PARTITION_NORMAL, geometry=geometry)
    disk.addPartition(partition=partition, constraint=parted.Constraint(exactGeom=geometry))
    if partition.number != planned.number:
        raise Failure(
            f"{planned.path} became number {partition.number} instead of {planned.number}.",
            "The disk was changed by something else since it was examined: start again.",
        )
    partition.getPedPartition().set_name(planned.label)
    flag = _FLAGS.get(planned.role)
    if flag is not None:
        partition.setFlag(flag)
