"""The disks of the machine, and which of them is the data disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from foundation.appliance_manifest import DATA_DISK_SERIAL, DATA_LABEL
from foundation.failure import Failure
from foundation.process import run

# The label of a data disk whose file system is being made.
UNFINISHED_LABEL = "flexvdi-new"
# Below this (bytes) a disk is none that somebody meant for a Manager.
LEAST_SIZE = 1 << 30
_COLUMNS = "PATH,TYPE,SIZE,SERIAL,LABEL,FSTYPE,PTTYPE,RO"


@dataclass(frozen=True)
class BlockDevice:
    """A disk or partition; ``size`` in bytes, ``kind`` as lsblk(8) says (``disk``, ``part``)."""

    path: str
    kind: str
    size: int
    serial: str = ""
    label: str = ""
    file_system: str = ""
    partition_table: str = ""
    read_only: bool = False
    parts: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing is known to be on it."""
        return not (self.file_system or self.partition_table or self.parts)


@dataclass(frozen=True)
class DataDisk:
    """The device that holds the data; ``fresh`` when it is still to be formatted.

    ``named`` tells that whoever made the machine marked it as the data disk.
    """

    path: str
    fresh: bool
    named: bool


def devices() -> tuple[BlockDevice, ...]:
    """What lsblk(8) tells now."""
    said = run(["lsblk", "--json", "--bytes", "--output", _COLUMNS]).stdout
    return read_devices(said)


def read_devices(text: str) -> tuple[BlockDevice, ...]:
    """The devices in lsblk's JSON, disks and what is on them alike."""
    found: list[BlockDevice] = []

    def add(entries: Sequence[dict[str, Any]]) -> None:
        for entry in entries:
            inside = entry.get("children", [])
            found.append(
                BlockDevice(
                    path=entry["path"],
                    kind=entry["type"],
                    size=int(entry["size"] or 0),
                    serial=entry.get("serial") or "",
                    label=entry.get("label") or "",
                    file_system=entry.get("fstype") or "",
                    partition_table=entry.get("pttype") or "",
                    read_only=bool(entry.get("ro")),
                    parts=len(inside),
                )
            )
            add(inside)

    add(json.loads(text)["blockdevices"])
    return tuple(found)


def data_disk(known: Sequence[BlockDevice]) -> DataDisk | None:
    """The data disk among ``known``; None while there is none.

    It is the one whose file system has the label of data disks; else the one with their serial
    number; else, on machines that give no serial numbers, the only empty disk. Nothing that holds
    something else is ever chosen. Raises Failure when it cannot be told.
    """
    labelled = [device for device in known if device.label == DATA_LABEL]
    if len(labelled) > 1:
        raise Failure(
            f"Two disks are data disks of a Manager: {_listed(labelled)}.",
            "Give this machine only its own, then start it again.",
        )
    if labelled:
        return DataDisk(labelled[0].path, fresh=False, named=True)
    disks = [device for device in known if device.kind == "disk" and not device.read_only]
    named = [device for device in disks if device.serial == DATA_DISK_SERIAL]
    if named:
        return _fresh(named)
    begun = [device for device in disks if device.label == UNFINISHED_LABEL]
    blank = begun or [device for device in disks if device.empty and device.size >= LEAST_SIZE]
    if len(blank) > 1:
        raise Failure(
            f"Several empty disks could be the data disk: {_listed(blank)}.",
            f"Give the right one the serial number {DATA_DISK_SERIAL}, or leave only that one.",
        )
    return DataDisk(blank[0].path, fresh=True, named=False) if blank else None


def _fresh(named: list[BlockDevice]) -> DataDisk:
    if len(named) > 1:
        raise Failure(
            f"Two disks have the serial number {DATA_DISK_SERIAL}: {_listed(named)}.",
            "Leave only the Manager's own, then start it again.",
        )
    disk = named[0]
    if not disk.empty and disk.label != UNFINISHED_LABEL:
        what = disk.file_system or disk.partition_table or "partitions"
        raise Failure(
            f"The data disk {disk.path} holds something that is not a Manager's ({what}).",
            "Nothing was changed. Attach the Manager's own data disk, or an empty one.",
        )
    if disk.size < LEAST_SIZE:
        raise Failure(
            f"The data disk {disk.path} has {disk.size >> 20} MiB, which is too small.",
            f"Make it at least {LEAST_SIZE >> 20} MiB; the image's manifest says how much is good.",
        )
    return DataDisk(disk.path, fresh=True, named=True)


def _listed(found: Sequence[BlockDevice]) -> str:
    return ", ".join(device.path for device in found)
