from __future__ import annotations

import pytest

from foundation.failure import Failure
from installer.storage.clearing import clear_disk
from installer.storage.selection import allowed_disks, resolve_disk, resolve_disks
from kickstart.install_plan import Clearing, DiskUse
from tests.unit.installer_storage.lab_machines import clear_all, machine


@pytest.mark.parametrize(
    "name",
    [
        "sda",
        "/dev/sda",
        "disk/by-id/ata-SAMSUNG_MZ7L3960_S64GNE0R100001",
        "/dev/disk/by-id/ata-SAMSUNG_MZ7L3960_S64GNE0R100001",
        "/dev/disk/by-path/pci-0000:00:17.0-ata-1",
        "wwn-0x5002538e0r100001",
        "0x5002538e0r100001",
        "disk/by-id/*100001",
    ],
)
def test_every_way_to_name_a_disk(name):
    assert resolve_disk(name, machine("two-blank-disks")).name == "sda"


def test_a_pattern_may_mean_several_disks_where_several_are_asked_for():
    found = resolve_disks("nvme*n1", machine("server-with-much"))
    assert [disk.name for disk in found] == ["nvme0n1", "nvme1n1", "nvme2n1", "nvme3n1"]


def test_an_ambiguous_pattern_is_refused_with_the_candidates():
    with pytest.raises(Failure) as caught:
        resolve_disk("sd*", machine("two-blank-disks"), "ks.cfg:7")
    assert caught.value.where == "ks.cfg:7"
    assert "S64GNE0R100001" in caught.value.cause
    assert "S64GNE0R100002" in caught.value.cause


def test_an_absent_disk_is_refused_with_those_that_are_there():
    with pytest.raises(Failure) as caught:
        resolve_disk("sdz", machine("one-blank-disk"), "ks.cfg:7")
    assert "“sdz”" in caught.value.cause
    assert "/dev/vda" in caught.value.remedy


@pytest.mark.parametrize("leg", ["sda", "/dev/sdc", "mpatha", "/dev/mapper/mpatha"])
def test_a_leg_names_its_multipath_device(leg):
    assert resolve_disk(leg, machine("multipath-san")).name == "mpatha"


def test_the_medium_is_never_among_the_disks_to_use():
    names = [disk.name for disk in allowed_disks(DiskUse(), machine("server-with-much"))]
    assert "sdc" not in names
    assert len(names) == 7


def test_naming_the_medium_is_refused():
    use = DiskUse(where="ks.cfg:2", only=("sdc",))
    with pytest.raises(Failure, match="install medium itself"):
        allowed_disks(use, machine("server-with-much"))


@pytest.mark.parametrize(
    ("name", "why"), [("only-the-medium", "is the install medium"), ("mounted-disk", "read-only")]
)
def test_no_disk_left_says_why(name, why):
    ignored = ("sda",) if name == "mounted-disk" else ()
    with pytest.raises(Failure) as caught:
        allowed_disks(DiskUse(ignored=ignored), machine(name))
    assert why in caught.value.cause


def test_no_disk_at_all_is_told_with_what_may_be_wrong():
    bare = machine("one-blank-disk").model_copy(update={"disks": ()})
    with pytest.raises(Failure, match="No disk was found"):
        allowed_disks(DiskUse(), bare)


def test_a_mounted_disk_is_refused_even_when_it_may_be_cleared():
    found = machine("mounted-disk")
    with pytest.raises(Failure, match="/mnt/data"):
        clear_disk(found.disk("sda"), clear_all("sda"), found)


def test_data_without_clearpart_is_refused_and_listed():
    found = machine("leftover-md-and-lvm")
    with pytest.raises(Failure) as caught:
        clear_disk(found.disk("sdc"), None, found)
    assert "guests (images)" in caught.value.cause
    assert "clearpart --all --initlabel --drives=sdc" in caught.value.remedy


def test_clearing_one_disk_does_not_allow_clearing_another():
    found = machine("leftover-md-and-lvm")
    with pytest.raises(Failure):
        clear_disk(found.disk("sdc"), clear_all("sda", "sdb"), found)


def test_zerombr_alone_does_not_erase_a_volume_group():
    found = machine("leftover-md-and-lvm")
    with pytest.raises(Failure):
        clear_disk(found.disk("sdc"), Clearing(zerombr=True), found)


def test_clearing_linux_keeps_windows():
    found = machine("windows-beside-free-space")
    verdict = clear_disk(found.disk("sda"), Clearing(scope="linux"), found)
    assert not verdict.wipe
    assert [node.name for node in verdict.removed] == ["sda4"]
    assert [node.name for node in verdict.kept] == ["sda1", "sda2"]


def test_clearing_a_list_removes_just_that():
    found = machine("windows-beside-free-space")
    clearing = Clearing(scope="list", partitions=("sda2",))
    verdict = clear_disk(found.disk("sda"), clearing, found)
    assert [node.name for node in verdict.removed] == ["sda2"]


def test_clearing_takes_everything_built_on_the_disk_along():
    found = machine("leftover-md-and-lvm")
    verdict = clear_disk(found.disk("sda"), clear_all("sda"), found)
    assert verdict.wipe
    assert {"/dev/sda3", "/dev/md127", "/dev/mapper/flexvdi-root_a"} <= verdict.gone
