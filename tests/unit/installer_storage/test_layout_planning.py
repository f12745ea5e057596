"""Plans on machines: the layouts as golden text, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from foundation.failure import Failure
from installer.storage.layout import Layout
from installer.storage.planning import plan_layout
from installer.storage.preview import preview
from kickstart.install_plan import (
    Bootloader,
    Clearing,
    InstallPlan,
    LogicalVolume,
    Partition,
    RaidArray,
    Storage,
    VolumeGroup,
)
from tests.unit.installer_storage.lab_machines import (
    IMAGE,
    automatic,
    clear_all,
    machine,
    mirrored,
)

GOLDEN = Path(__file__).parent / "layouts"

CASES = {
    "one-disk-lvm": ("one-blank-disk", automatic()),
    "one-disk-plain": ("one-blank-disk", automatic(scheme="plain")),
    "one-disk-thinp": ("one-blank-disk", automatic(scheme="thinp")),
    "two-disks-mirrored": ("two-blank-disks", mirrored("sda", "sdb")),
    "nvme-4k": ("server-with-much", automatic("nvme2n1")),
    "multipath": ("multipath-san", automatic("sdb")),
    "leftovers-cleared": (
        "leftover-md-and-lvm",
        automatic("sda", "sdb", clearing=clear_all("sda", "sdb")),
    ),
    "beside-windows": (
        "windows-beside-free-space",
        automatic("sda", clearing=Clearing(scope="linux")),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_layout_as_a_person_reads_it(case):
    name, plan = CASES[case]
    text = preview(plan_layout(plan, machine(name), IMAGE)) + "\n"
    golden = GOLDEN / f"{case}.txt"
    if os.environ.get("WRITE_GOLDEN_FILES"):
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("case", CASES)
def test_layouts_travel_as_json(case):
    name, plan = CASES[case]
    layout = plan_layout(plan, machine(name), IMAGE)
    assert Layout.model_validate_json(layout.model_dump_json()) == layout


def test_each_half_of_a_mirror_gets_its_boot_areas_of_the_declared_size():
    layout = plan_layout(mirrored("sda", "sdb"), machine("two-blank-disks"), IMAGE)
    assert [disk.name for disk in layout.boot_disks] == ["sda", "sdb"]
    for disk in layout.disks:
        roles = {partition.role: partition for partition in disk.partitions}
        assert roles["efi"].size == 300 << 20
        assert roles["bios-boot"].size == 1 << 20
    esps = [f for f in layout.filesystems if f.kind == "vfat"]
    assert [f.mount_point for f in esps] == ["/boot/efi", None]
    assert layout.arrays[0].metadata == "1.0"
    assert layout.arrays[1].metadata == "1.2"


def test_without_mirrored_boot_only_the_first_disk_boots():
    plan = mirrored("sda", "sdb")
    storage = plan.storage.model_copy(update={"mirror_boot": False})
    layout = plan_layout(
        plan.model_copy(update={"storage": storage}), machine("two-blank-disks"), IMAGE
    )
    assert [disk.name for disk in layout.boot_disks] == ["sda"]


def test_autopart_takes_one_disk_and_leaves_the_others_alone():
    plan = automatic(clearing=Clearing(scope="all"))
    layout = plan_layout(plan, machine("leftover-md-and-lvm"), IMAGE)
    assert [disk.name for disk in layout.disks] == ["sda"]


def test_a_disk_named_to_be_cleared_is_cleared_even_if_it_stays_empty():
    plan = automatic("sda", clearing=clear_all("sda", "sdb"))
    layout = plan_layout(plan, machine("leftover-md-and-lvm"), IMAGE)
    assert [(disk.name, disk.wipe) for disk in layout.disks] == [("sda", True), ("sdb", True)]


def test_partitions_without_a_disk_spread_members_of_an_array():
    plan = mirrored("sda", "sdb")
    floating = tuple(p.model_copy(update={"disk": None}) for p in plan.storage.partitions)
    storage = plan.storage.model_copy(update={"partitions": floating})
    layout = plan_layout(
        plan.model_copy(update={"storage": storage}), machine("two-blank-disks"), IMAGE
    )
    assert len(layout.disks) == 2
    for array in layout.arrays:
        assert {path[:8] for path in array.members} == {"/dev/sda", "/dev/sdb"}


def simple(*partitions: Partition, **more) -> InstallPlan:
    return InstallPlan(
        source="ks.cfg", storage=Storage(partitions=partitions, clearing=clear_all("vda"), **more)
    )


def root(**more) -> Partition:
    return Partition(
        **{
            "name": "/",
            "role": "filesystem",
            "mount_point": "/",
            "size": 6000,
            "where": "ks.cfg:8",
            **more,
        }
    )


def refusal(plan: InstallPlan, name: str = "one-blank-disk") -> str:
    with pytest.raises(Failure) as caught:
        plan_layout(plan, machine(name), IMAGE)
    assert caught.value.remedy
    return str(caught.value)


def test_too_small_says_how_much_is_needed_and_for_what():
    said = refusal(simple(root(size=40000)))
    assert said.startswith("ks.cfg:8:")
    assert "39.1 GiB" in said


def test_automatic_layout_on_a_tiny_disk_says_how_much_is_needed():
    assert "No disk is large enough" in refusal(automatic(), "too-small")


def test_a_root_that_cannot_hold_the_image_is_refused():
    assert "the host image unpacked" in refusal(simple(root(size=1000)))


def test_no_root_is_refused():
    assert "Nothing is to be mounted at /" in refusal(simple(root(name="/srv", mount_point="/srv")))


def test_two_filesystems_at_one_place_are_refused():
    data = root(name="data", mount_point="/data", size=500)
    assert "/data is to be mounted twice" in refusal(simple(root(), data, data))


def test_an_unknown_filesystem_is_refused():
    assert "“btrfs”" in refusal(simple(root(filesystem="btrfs")))


def test_an_esp_too_small_for_fat32_is_refused():
    esp = Partition(
        name="/boot/efi", role="efi", mount_point="/boot/efi", filesystem="efi", size=40
    )
    assert "FAT32" in refusal(simple(root(), esp))


def test_an_esp_on_an_array_is_refused_with_what_to_write_instead():
    plan = mirrored("sda", "sdb")
    esp = RaidArray(
        device="efi",
        level="1",
        members=("raid.31", "raid.32"),
        mount_point="/boot/efi",
        filesystem="efi",
    )
    members = tuple(
        Partition(name=f"raid.3{i}", role="raid-member", disk=disk, size=300)
        for i, disk in enumerate(("sda", "sdb"), 1)
    )
    kept = tuple(p for p in plan.storage.partitions if p.role != "efi")
    storage = plan.storage.model_copy(
        update={"raids": (*plan.storage.raids, esp), "partitions": (*kept, *members)}
    )
    said = refusal(plan.model_copy(update={"storage": storage}), "two-blank-disks")
    assert "part /boot/efi --fstype=efi" in said


def test_boot_on_raid5_and_on_a_thin_volume_are_refused():
    group = VolumeGroup(name="vg", members=("pv.01",))
    pv = Partition(name="pv.01", role="physical-volume", size=9000, grow=True)
    pool = LogicalVolume(name="pool", group="vg", kind="thin-pool", size=6000)
    thin = LogicalVolume(
        name="root", group="vg", kind="thin", pool="pool", size=5000, mount_point="/"
    )
    assert "GRUB cannot read a thin volume" in refusal(
        simple(pv, groups=(group,), volumes=(pool, thin))
    )


def test_a_leftover_group_of_the_same_name_matters_only_where_it_stays():
    found = "leftover-md-and-lvm"
    plan_layout(automatic("sda", clearing=clear_all("sda", "sdb")), machine(found), IMAGE)
    lvm = machine(found)
    guests = lvm.groups[1].model_copy(update={"name": "flexvdi"})
    renamed = lvm.model_copy(update={"groups": (guests,)})
    with pytest.raises(Failure, match="/dev/sdc"):
        plan_layout(automatic("sda", clearing=clear_all("sda", "sdb")), renamed, IMAGE)


def test_a_group_keeps_what_is_reserved():
    layout = plan_layout(mirrored("sda", "sdb"), machine("two-blank-disks"), IMAGE)
    group = layout.groups[0]
    assert group.free == 8192 << 20
    assert sum(v.size for v in group.volumes) + group.free == group.size


def test_a_group_that_is_too_small_says_where_it_lies_and_what_is_needed():
    pv = Partition(name="pv.01", role="physical-volume", size=600, grow=True)
    boot = Partition(name="/boot", role="filesystem", mount_point="/boot", size=1024)
    root = LogicalVolume(name="root", group="vg", size=900_000, mount_point="/")
    plan = simple(pv, boot, groups=(VolumeGroup(name="vg", members=("pv.01",)),), volumes=(root,))
    with pytest.raises(Failure, match=r"vg on /dev/vda4 .*root 878\.9 GiB") as refused:
        plan_layout(plan, machine("one-blank-disk"), IMAGE)
    assert "larger disk" in refused.value.remedy


def test_percent_is_of_what_the_fixed_volumes_leave():
    pv = Partition(name="pv.01", role="physical-volume", size=9000, grow=True)
    boot = Partition(name="/boot", role="filesystem", mount_point="/boot", size=1024)
    volumes = (
        LogicalVolume(name="root", group="vg", size=6144, mount_point="/"),
        LogicalVolume(name="half", group="vg", percent=50, mount_point="/srv"),
        LogicalVolume(name="rest", group="vg", size=4, grow=True, mount_point="/var"),
    )
    plan = simple(pv, boot, groups=(VolumeGroup(name="vg", members=("pv.01",)),), volumes=volumes)
    group = plan_layout(plan, machine("one-blank-disk"), IMAGE).groups[0]
    sizes = {volume.name: volume.size for volume in group.volumes}
    left = group.size - sizes["root"] - (4 << 20)
    assert abs(sizes["half"] - left // 2) <= 4 << 20
    assert sum(sizes.values()) == group.size


def test_recommended_swap_volume_gets_a_size():
    plan = mirrored("sda", "sdb")
    volumes = tuple(
        v.model_copy(update={"size": None, "recommended": True}) if v.name == "swap" else v
        for v in plan.storage.volumes
    )
    storage = plan.storage.model_copy(update={"volumes": volumes})
    layout = plan_layout(
        plan.model_copy(update={"storage": storage}), machine("two-blank-disks"), IMAGE
    )
    swap = next(v for v in layout.groups[0].volumes if v.name == "swap")
    assert swap.size == 16 << 30  # half of 32 GiB of memory


def test_reqpart_with_boot_adds_boot():
    plan = simple(root(), required=True, required_with_boot=True)
    layout = plan_layout(plan, machine("one-blank-disk"), IMAGE)
    assert [p.label for p in layout.disks[0].partitions] == [
        "bios-boot",
        "efi-system",
        "boot",
        "root",
    ]


def test_existing_partitions_are_used_where_they_are():
    windows = machine("windows-beside-free-space")
    plan = InstallPlan(
        source="ks.cfg",
        storage=Storage(
            partitions=(
                root(disk="sda", grow=True),
                root(
                    name="/srv",
                    mount_point="/srv",
                    filesystem="ext4",
                    existing="sda4",
                    size=None,
                    format=False,
                ),
            )
        ),
    )
    layout = plan_layout(plan, windows, IMAGE)
    kept = next(p for p in layout.disks[0].partitions if p.existing)
    assert (kept.path, kept.start) == ("/dev/sda4", 400 << 30)
    assert not layout.filesystem_at("/srv").format
    assert not layout.erases or not layout.disks[0].lost


def test_no_bootloader_needs_no_boot_areas():
    plan = simple(root()).model_copy(update={"bootloader": Bootloader(location="none")})
    layout = plan_layout(plan, machine("one-blank-disk"), IMAGE)
    assert [p.role for p in layout.disks[0].partitions] == ["filesystem"]
    assert layout.boot_disks == ()
