"""The machines in tests/machines, and plans to lay out on them."""

from __future__ import annotations

from pathlib import Path

from installer.machine.model import Machine
from kickstart.install_plan import (
    AutomaticLayout,
    Clearing,
    DiskUse,
    InstallPlan,
    LogicalVolume,
    Partition,
    RaidArray,
    Storage,
    VolumeGroup,
)

MACHINES = Path(__file__).parents[2] / "machines"
GIB = 1 << 30
IMAGE = 1400 << 20


def machine(name: str) -> Machine:
    return Machine.model_validate_json((MACHINES / f"{name}.json").read_text())


def clear_all(*disks: str) -> Clearing:
    return Clearing(
        where="ks.cfg:3", scope="all", disks=disks, initialize_labels=True, zerombr=True
    )


def automatic(*disks: str, scheme: str = "lvm", clearing: Clearing | None = None) -> InstallPlan:
    return InstallPlan(
        source="ks.cfg",
        storage=Storage(
            use=DiskUse(where="ks.cfg:2", only=disks),
            clearing=clearing,
            automatic=AutomaticLayout(where="ks.cfg:4", scheme=scheme),
        ),
    )


def mirrored(first: str, second: str) -> InstallPlan:
    """As the kickstart template writes it: one declared ESP, two mirrors."""

    def part(
        name: str, role: str, disk: str, size: int, grow: bool = False, **more: str
    ) -> Partition:
        return Partition(
            name=name, role=role, disk=disk, size=size, grow=grow, where="ks.cfg:9", **more
        )

    return InstallPlan(
        source="ks.cfg",
        storage=Storage(
            use=DiskUse(only=(first, second)),
            clearing=clear_all(first, second),
            partitions=(
                part("biosboot", "bios-boot", first, 1),
                part("/boot/efi", "efi", first, 300, mount_point="/boot/efi", filesystem="efi"),
                part("raid.11", "raid-member", first, 1024),
                part("raid.12", "raid-member", second, 1024),
                part("raid.21", "raid-member", first, 4096, True),
                part("raid.22", "raid-member", second, 4096, True),
            ),
            raids=(
                RaidArray(
                    device="boot",
                    level="1",
                    members=("raid.11", "raid.12"),
                    mount_point="/boot",
                    filesystem="ext4",
                ),
                RaidArray(
                    device="pv", level="1", members=("raid.21", "raid.22"), volume_name="pv.01"
                ),
            ),
            groups=(VolumeGroup(name="flexvdi", members=("pv.01",), reserved=8192),),
            volumes=(
                LogicalVolume(name="root_a", group="flexvdi", size=8192, mount_point="/"),
                LogicalVolume(
                    name="swap", group="flexvdi", size=2048, mount_point="swap", filesystem="swap"
                ),
                LogicalVolume(
                    name="var", group="flexvdi", size=4096, grow=True, mount_point="/var"
                ),
            ),
        ),
    )
