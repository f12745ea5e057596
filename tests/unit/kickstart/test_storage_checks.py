"""Faults between the lines of a layout, one kind each, from a sound layout."""

from typing import Any

import pytest

from kickstart.install_plan import Storage
from kickstart.storage_checks import check_storage

PV = {"name": "pv.01", "role": "physical-volume", "disk": "sda", "size": 1, "grow": True}
ROOT = {"name": "root", "group": "vg", "mount_point": "/", "filesystem": "ext4", "size": 8192}
SOUND: dict[str, Any] = {
    "partitions": [PV],
    "groups": [{"name": "vg", "members": ["pv.01"]}],
    "volumes": [ROOT],
}


def member(name: str, disk: str) -> dict[str, Any]:
    return {"name": name, "role": "raid-member", "disk": disk, "size": 500}


def volume(**values: Any) -> dict[str, Any]:
    return {"name": "x", "group": "vg", "mount_point": "/x", "size": 100, **values}


def array(*members: str, **values: Any) -> dict[str, Any]:
    return {"device": "boot", "level": "1", "mount_point": "/boot", "members": members, **values}


def causes(**changes: list[dict[str, Any]]) -> list[str]:
    layout = {**SOUND}
    for name, added in changes.items():
        layout[name] = [*SOUND.get(name, []), *added] if name != "use" else added
    return [failure.cause for failure in check_storage(Storage.model_validate(layout))]


def test_a_sound_layout_has_no_faults() -> None:
    assert causes() == []
    assert (
        causes(
            partitions=[member("raid.1", "sda"), member("raid.2", "sdb")],
            raids=[array("raid.1", "raid.2")],
        )
        == []
    )


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"partitions": [member("raid.1", "sda")]}, "raid.1 is a member of no RAID array"),
        ({"raids": [array("raid.8", "raid.9")]}, "has a member raid.8, which no part line makes"),
        (
            {
                "partitions": [member("raid.1", "sda"), member("raid.2", "sda")],
                "raids": [array("raid.1", "raid.2")],
            },
            "on the same disk sda",
        ),
        (
            {
                "partitions": [member("raid.1", "sda"), member("raid.2", "sdb")],
                "raids": [array("raid.1", "raid.2", spares=1)],
            },
            "RAID1 with 1 member(s) besides 1 spare(s)",
        ),
        (
            {
                "partitions": [member("raid.1", "sda"), member("raid.2", "sdb")],
                "raids": [array("raid.1", "raid.2", level="5", mount_point="/data")],
            },
            "needs at least 3",
        ),
        (
            {
                "partitions": [member("raid.1", "sda"), member("raid.2", "sdb")],
                "raids": [array("raid.1", "raid.2"), array("raid.1", "raid.2", device="b2")],
            },
            "raid.1 is a member of boot already",
        ),
        (
            {
                "partitions": [member("raid.1", "sda"), member("raid.2", "sdb")],
                "raids": [array("raid.1", "raid.2", level="0")],
            },
            "/boot cannot be RAID0",
        ),
        ({"partitions": [{**PV, "name": "pv.02"}]}, "pv.02 is in no volume group"),
        ({"partitions": [PV]}, "pv.01 is described already"),
        ({"groups": [{"name": "vg2", "members": []}]}, "volume group vg2 has no members"),
        ({"groups": [{"name": "vg2", "members": ["pv.01"]}]}, "pv.01 is in vg already"),
        ({"groups": [{"name": "vg", "members": []}]}, "volume group vg is described already"),
        ({"volumes": [volume(mount_point="/")]}, "/ is mounted twice"),
        ({"volumes": [volume(name="root")]}, "vg/root is described already"),
        ({"volumes": [volume(size=None)]}, "x has no size"),
        ({"volumes": [volume(max_size=50)]}, "--maxsize= but does not grow"),
        ({"volumes": [volume(max_size=50, grow=True)]}, "below its --size= of 100 MiB"),
        ({"volumes": [volume(recommended=True)]}, "--recommended is for swap only"),
        ({"volumes": [volume(filesystem="zfs")]}, "filesystem zfs cannot be made"),
        ({"volumes": [volume(filesystem="swap")]}, "is not mounted as swap"),
        ({"volumes": [volume(mount_point="/usr")]}, "must be on the root filesystem"),
        ({"volumes": [volume(mount_point="/proc/x")]}, "belongs to the kernel"),
        ({"volumes": [volume(mount_point="/a/../b")]}, "is not a mount point"),
        ({"volumes": [volume(label="L" * 17, filesystem="ext4")]}, "label"),
        ({"volumes": [volume(format=False)]}, "cannot be left unformatted"),
        ({"volumes": [volume(name="snapshot1")]}, "is not a name for a volume"),
        ({"volumes": [volume(kind="thin")]}, "thin but names no pool"),
        ({"volumes": [volume(kind="thin", pool="p")]}, "in a pool p, which vg does not have"),
        (
            {
                "volumes": [
                    volume(size=None, percent=60),
                    volume(name="y", mount_point="/y", size=None, percent=50),
                ]
            },
            "add up to 110 %",
        ),
        ({"use": {"only": ["sdb"]}}, "sda, which is not among the disks to use"),
        ({"use": {"ignored": ["sd*"]}}, "sda, which is ignored"),
    ],
)
def test_faults(changes: Any, cause: str) -> None:
    found = causes(**changes)
    assert any(cause in one for one in found), found


def test_root_is_needed_and_must_be_large_enough() -> None:
    without = Storage.model_validate({**SOUND, "volumes": [volume()]})
    assert "No line is for /" in check_storage(without)[0].cause
    small = Storage.model_validate({**SOUND, "volumes": [{**ROOT, "size": 2048}]})
    assert "/ is too small with 2048 MiB" in check_storage(small)[0].cause
    assert "Nothing says" in check_storage(Storage())[0].cause
