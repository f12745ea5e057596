from __future__ import annotations

import json

from foundation.kernel_command_line import KernelCommandLine
from installer.machine.probe import MachineFacts, medium_label, natural_order, understand_facts
from tests.unit.installer_storage.lab_machines import MACHINES


def odd_machine():
    facts = json.loads((MACHINES / "facts/odd-devices.json").read_text())
    facts["links"] = {name: tuple(links) for name, links in facts["links"].items()}
    return understand_facts(MachineFacts(**facts))


def test_only_disks_that_can_be_installed_on_are_listed_in_natural_order():
    names = [disk.name for disk in odd_machine().disks]
    assert names == ["mmcblk0", "mpatha", "nvme2n1", "nvme10n1", "sdc", "vda"]


def test_multipath_legs_are_one_disk_that_keeps_their_serial_number():
    disk = odd_machine().disk("mpatha")
    assert disk.legs == ("sda", "sdb")
    assert disk.serial == "leg"
    assert disk.lasting_path == "/dev/disk/by-id/dm-uuid-mpath-3600"


def test_the_stick_that_was_booted_is_the_install_medium():
    assert [d.name for d in odd_machine().disks if d.install_medium] == ["sdc"]


def test_mounts_of_an_earlier_attempt_do_not_count_as_use():
    disk = odd_machine().disk("nvme2n1")
    assert disk.used_at == ()
    assert [node.kind for node in disk.nodes] == ["partition", "raid"]
    assert disk.partitions[0].start == 1 << 20


def test_arrays_and_groups_are_recognised_without_being_started():
    found = odd_machine()
    assert [(a.name, a.members) for a in found.arrays] == [("boot", ("/dev/nvme2n1p1",))]
    volumes = found.groups[0].volumes
    assert [(v.name, v.kind, v.pool) for v in volumes] == [
        ("pool", "thin-pool", None),
        ("thin", "thin", "pool"),
    ]


def test_a_virtio_vendor_number_is_not_shown():
    assert odd_machine().disk("vda").described == "/dev/vda, 20 GiB"


def test_disks_sort_as_a_person_counts():
    names = ["sdaa", "sdb", "nvme10n1", "nvme2n1", "sda", "sdz"]
    assert sorted(names, key=natural_order) == [
        "nvme2n1",
        "nvme10n1",
        "sda",
        "sdb",
        "sdz",
        "sdaa",
    ]


def test_the_label_of_the_medium_comes_from_the_kernel_line():
    assert medium_label(KernelCommandLine.parse("root=live:CDLABEL=FLEXVDI-1 ro")) == "FLEXVDI-1"
    assert medium_label(KernelCommandLine.parse("root=live:http://server/image")) is None
