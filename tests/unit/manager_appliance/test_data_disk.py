"""Which disk is the data disk: never one that holds something else, never a guess."""

from __future__ import annotations

import json

import pytest

from foundation.failure import Failure
from manager.appliance.block_devices import (
    BlockDevice,
    DataDisk,
    data_disk,
    read_devices,
)
from manager.appliance.data_disk import wait_for_data_disk

GIB = 1 << 30
SYSTEM = BlockDevice("/dev/vda", "disk", GIB, "flexvdi-system", partition_table="gpt", parts=3)
SEED = BlockDevice("/dev/sr0", "rom", 1 << 20, label="cidata", file_system="iso9660")
NAMED = BlockDevice("/dev/vdb", "disk", 8 * GIB, "flexvdi-data")
BLANK = BlockDevice("/dev/sdb", "disk", 8 * GIB)
USED = BlockDevice(
    "/dev/vdb", "disk", 8 * GIB, "flexvdi-data", label="flexvdi-data", file_system="ext4"
)
HALF = BlockDevice("/dev/vdb", "disk", 8 * GIB, label="flexvdi-new", file_system="ext4")
FOREIGN = BlockDevice("/dev/vdb", "disk", 8 * GIB, "flexvdi-data", file_system="xfs")


@pytest.mark.parametrize(
    ("others", "chosen"),
    [
        ((), None),
        ((NAMED,), DataDisk("/dev/vdb", fresh=True, named=True)),
        ((USED,), DataDisk("/dev/vdb", fresh=False, named=True)),
        ((HALF,), DataDisk("/dev/vdb", fresh=True, named=False)),
        ((BLANK,), DataDisk("/dev/sdb", fresh=True, named=False)),
        ((BLANK, NAMED), DataDisk("/dev/vdb", fresh=True, named=True)),
        ((BLANK, USED), DataDisk("/dev/vdb", fresh=False, named=True)),
        ((BlockDevice("/dev/sdb", "disk", 1 << 20),), None),
        ((BlockDevice("/dev/sdb", "disk", 8 * GIB, read_only=True),), None),
        ((BlockDevice("/dev/sdb", "disk", 8 * GIB, partition_table="dos"),), None),
    ],
)
def test_the_data_disk_is_the_one_that_was_meant(
    others: tuple[BlockDevice, ...], chosen: DataDisk | None
) -> None:
    assert data_disk((SYSTEM, SEED, *others)) == chosen


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ((USED, USED), "Two disks are data disks"),
        ((NAMED, NAMED), "Two disks have the serial number"),
        ((FOREIGN,), "holds something that is not a Manager's (xfs)"),
        ((BLANK, BLANK), "Several empty disks"),
        ((BlockDevice("/dev/vdb", "disk", GIB // 2, "flexvdi-data"),), "512 MiB, which is too"),
    ],
)
def test_what_cannot_be_told_is_refused_with_a_remedy(
    others: tuple[BlockDevice, ...], said: str
) -> None:
    with pytest.raises(Failure) as failure:
        data_disk((SYSTEM, SEED, *others))
    assert said in failure.value.cause and failure.value.remedy


def test_a_disk_that_comes_late_is_waited_for() -> None:
    looks = iter([(SYSTEM,), (SYSTEM,), (SYSTEM, NAMED)])
    pauses: list[float] = []
    found = wait_for_data_disk(lambda: next(looks), pauses.append)
    assert found.path == "/dev/vdb" and len(pauses) == 2


def test_no_disk_at_all_is_told() -> None:
    with pytest.raises(Failure, match="no data disk"):
        wait_for_data_disk(lambda: (SYSTEM,), lambda _: None, patience=0)


def test_lsblk_is_read_with_what_lies_inside_of_disks() -> None:
    part = {"path": "/dev/vda3", "type": "part", "size": 5, "serial": None, "label": None,
            "fstype": "squashfs", "pttype": "gpt", "ro": False}  # fmt: skip
    disk = {"path": "/dev/vda", "type": "disk", "size": 9, "serial": "flexvdi-system",
            "fstype": None, "pttype": "gpt", "ro": True, "children": [part]}  # fmt: skip
    found = read_devices(json.dumps({"blockdevices": [disk]}))
    assert [device.path for device in found] == ["/dev/vda", "/dev/vda3"]
    assert found[0].parts == 1 and found[0].read_only and not found[0].empty
    assert found[1].file_system == "squashfs"
