"""Machines for the tests of engine and screens."""

from __future__ import annotations

from installer.machine.model import Content, Disk, Machine, NetworkPort, Node

GIB = 1 << 30


def machine_with_two_disks() -> Machine:
    return Machine(
        firmware="uefi",
        memory=4 * GIB,
        vendor="Lab",
        product="Bench",
        serial="SN-1",
        disks=(
            Disk(
                name="vda",
                path="/dev/vda",
                size=40 * GIB,
                model="Fast Disk",
                serial="FAST-1",
                wwn="0x5000c500a1b2c3d4",
                transport="virtio",
                links=("/dev/disk/by-id/virtio-FAST-1",),
            ),
            Disk(
                name="vdb",
                path="/dev/vdb",
                size=40 * GIB,
                model="Fast Disk",
                serial="FAST-2",
                transport="virtio",
                links=("/dev/disk/by-id/virtio-FAST-2",),
                table="gpt",
                partitions=(
                    Node(
                        name="vdb1",
                        path="/dev/vdb1",
                        size=20 * GIB,
                        number=1,
                        start=1 << 20,
                        content=Content(kind="ntfs", label="Windows"),
                    ),
                ),
            ),
            Disk(
                name="sdc",
                path="/dev/sdc",
                size=8 * GIB,
                model="Stick",
                removable=True,
                install_medium=True,
                content=Content(kind="iso9660", label="FLEXVDI"),
            ),
        ),
        network_ports=(
            NetworkPort(name="ens3", mac="52:54:00:00:00:01", driver="virtio_net", link=False),
            NetworkPort(
                name="ens4", mac="52:54:00:00:00:02", driver="virtio_net", link=True, speed=1000
            ),
        ),
    )
