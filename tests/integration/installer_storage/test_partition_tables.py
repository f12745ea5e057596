"""Partition tables that libparted writes, read back by sfdisk and judged by sgdisk."""

from __future__ import annotations

import json
import subprocess

import pytest

from installer.machine.model import Content, Disk, Machine, Node
from installer.storage.partitioning import write_table
from installer.storage.planning import plan_layout
from installer.storage.teardown import erase_devices
from kickstart.install_plan import AutomaticLayout, Clearing, InstallPlan, Storage

IMAGE = 1400 << 20
SIZE = 24 << 30
TYPES = {
    "bios-boot": "21686148-6449-6E6F-744E-656564454649",
    "efi": "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
    "swap": "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
    "filesystem": "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
    "physical-volume": "E6D6D379-F507-44C2-A23C-238F2A3DF928",
    "raid-member": "A19D880F-05FC-4D3B-A006-743F0F84911E",
}


def plan(scheme: str, clearing: Clearing | None = None) -> InstallPlan:
    automatic = AutomaticLayout(scheme=scheme)
    return InstallPlan(storage=Storage(automatic=automatic, clearing=clearing))


def machine(device, sector_size: int, **more) -> Machine:
    disk = Disk(name=device.name, path=str(device), size=SIZE, sector_size=sector_size, **more)
    return Machine(memory=4 << 30, disks=(disk,))


def read_table(device) -> dict:
    said = subprocess.run(
        ["sfdisk", "--json", str(device)], check=True, capture_output=True, text=True
    ).stdout
    return json.loads(said)["partitiontable"]


def judge(device) -> str:
    return subprocess.run(
        ["sgdisk", "--verify", str(device)], check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.parametrize("sector_size", [512, 4096])
@pytest.mark.parametrize("scheme", ["plain", "lvm"])
def test_the_table_on_the_disk_is_the_layout(loop_device, scheme, sector_size):
    device = loop_device(SIZE, sector_size)
    layout = plan_layout(plan(scheme), machine(device, sector_size), IMAGE).disks[0]
    write_table(layout, str(device))
    table = read_table(device)
    assert table["label"] == "gpt"
    found = [
        (p["start"] * sector_size, p["size"] * sector_size, p["name"], p["type"])
        for p in table["partitions"]
    ]
    assert found == [(p.start, p.size, p.label, TYPES[p.role]) for p in layout.partitions]
    assert "No problems found" in judge(device)


def test_writing_twice_changes_nothing(loop_device):
    device = loop_device(SIZE, 512)
    windows = subprocess.run(
        ["sfdisk", str(device)],
        input="label: gpt\nsize=1GiB, name=keep\nsize=2GiB, name=go, type=linux\n",
        check=True,
        text=True,
        capture_output=True,
    )
    assert windows.returncode == 0
    before = {p["name"]: p["uuid"] for p in read_table(device)["partitions"]}

    def node(number: int, start: int, size: int, kind: str) -> Node:
        name = f"{device.name}p{number}"
        return Node(
            name=name,
            path=f"/dev/{name}",
            number=number,
            start=start,
            size=size,
            content=Content(kind=kind),
        )

    found = machine(
        device,
        512,
        table="gpt",
        partitions=(
            node(1, 1 << 20, 1 << 30, "ntfs"),
            node(2, (1 << 20) + (1 << 30), 2 << 30, "ext4"),
        ),
    )
    layout = plan_layout(plan("lvm", Clearing(scope="linux")), found, IMAGE).disks[0]
    assert not layout.wipe
    write_table(layout, str(device))
    once = read_table(device)
    write_table(layout, str(device))
    assert read_table(device) == once
    after = {p["name"]: p["uuid"] for p in once["partitions"]}
    assert after["keep"] == before["keep"]
    assert "go" not in after
    assert "No problems found" in judge(device)


def test_erasing_removes_every_signature(loop_device):
    device = loop_device(SIZE, 512)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(device)], check=True)
    erase_devices([str(device)])
    erase_devices([str(device)])
    said = subprocess.run(
        ["wipefs", "--json", str(device)], check=True, capture_output=True, text=True
    )
    assert json.loads(said.stdout)["signatures"] == []
