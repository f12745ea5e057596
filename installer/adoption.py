"""The layout of a system that another installer made, read from the machine. Pure.

Only what the later steps need is told: where filesystems lie, what they rest on, and which disks
boot. Nothing in such a layout is to be created.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

from foundation.failure import Failure
from installer.machine.model import Disk, Machine, Node
from installer.storage.filesystem_kinds import Kind, mount_options
from installer.storage.layout import (
    ArrayLayout,
    DiskLayout,
    FilesystemLayout,
    GroupLayout,
    Layout,
    PartitionLayout,
    PartitionRole,
    VolumeLayout,
)

# GUIDs of GPT partition types (UEFI specification; GRUB's manual, "BIOS installation").
_EFI = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
_BIOS_BOOT = "21686148-6449-6e6f-744e-656564454649"
_BY_TYPE: dict[str, PartitionRole] = {_EFI: "efi", _BIOS_BOOT: "bios-boot"}
_BY_CONTENT: dict[str, PartitionRole] = {
    "linux_raid_member": "raid-member",
    "LVM2_member": "physical-volume",
    "swap": "swap",
}
_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_LEVELS: dict[str, Literal["0", "1", "4", "5", "6", "10"]] = {
    "raid0": "0", "raid1": "1", "raid4": "4", "raid5": "5", "raid6": "6", "raid10": "10",
}  # fmt: skip


def adopt(machine: Machine, levels: dict[str, str]) -> Layout:
    """The layout of what is mounted on ``machine`` now.

    ``levels`` maps the paths of arrays to their levels as the kernel names them (``raid1``).
    Raises Failure when nothing is mounted at ``/`` or no disk could start the system.
    """
    devices = _devices(machine)
    filesystems = tuple(_filesystems(machine, devices))
    if not any(filesystem.mount_point == "/" for filesystem in filesystems):
        raise Failure(
            "The disk that holds the system could not be found.",
            "Run this inside the installed system, with its filesystems mounted.",
        )
    arrays = tuple(_arrays(machine, levels))
    used = tuple(disk for disk in machine.disks if _carries(disk, filesystems, machine))
    layout = Layout(
        disks=tuple(_disk(disk) for disk in used),
        arrays=arrays,
        groups=_groups(machine, {f.path for f in filesystems}),
        filesystems=filesystems,
    )
    if not layout.boot_disks:
        raise Failure(
            "No disk has both a BIOS boot partition and an EFI System Partition.",
            "Install again with a kickstart rendered by `flexvdi-kickstart render --for anaconda`.",
        )
    return layout


def _devices(machine: Machine) -> dict[str, str]:
    """Lasting paths of logical volumes by the names that device-mapper gives them."""
    return {
        f"{group.name.replace('-', '--')}-{volume.name.replace('-', '--')}": (
            f"/dev/{group.name}/{volume.name}"
        )
        for group in machine.groups
        for volume in group.volumes
    }


def _filesystems(machine: Machine, devices: dict[str, str]) -> Iterator[FilesystemLayout]:
    seen = set()
    for disk in machine.disks:
        for node in disk.nodes:
            path = devices.get(node.name, node.path) if node.kind == "lvm" else node.path
            kind = _KINDS.get(node.content.kind or "")
            if path in seen or kind is None:
                continue
            for at in node.mount_points:
                if kind == "vfat" and at != "/boot/efi":
                    continue  # the ESP of a further disk, which a host does not mount
                seen.add(path)
                yield FilesystemLayout(
                    path=path,
                    kind=kind,
                    mount_point="swap" if at == "[SWAP]" else at,
                    size=node.size,
                    mount_options=mount_options(kind, at, None),
                    format=False,
                )
                break


def _arrays(machine: Machine, levels: dict[str, str]) -> Iterator[ArrayLayout]:
    members: dict[str, list[Node]] = {}
    arrays: dict[str, Node] = {}
    for disk in machine.disks:
        for node in disk.nodes:
            for holder in node.holders:
                if holder.kind == "raid":
                    arrays[holder.path] = holder
                    members.setdefault(holder.path, []).append(node)
    for path, array in arrays.items():
        yield ArrayLayout(
            name=array.name,
            path=path,
            level=_LEVELS[levels.get(path, "raid1")],
            members=tuple(node.path for node in members[path]),
            size=array.size,
        )


def _groups(machine: Machine, filesystems: set[str]) -> tuple[GroupLayout, ...]:
    return tuple(
        GroupLayout(
            name=group.name,
            physical_volumes=group.physical_volumes,
            extent_size=group.extent_size,
            size=group.free + sum(volume.size for volume in group.volumes),
            free=group.free,
            volumes=tuple(
                VolumeLayout(
                    name=volume.name,
                    path=f"/dev/{group.name}/{volume.name}",
                    kind=volume.kind,
                    size=volume.size,
                    pool=volume.pool,
                    existing=True,
                )
                for volume in group.volumes
            ),
            existing=True,
        )
        for group in machine.groups
        if any(f"/dev/{group.name}/{volume.name}" in filesystems for volume in group.volumes)
    )


def _carries(disk: Disk, filesystems: tuple[FilesystemLayout, ...], machine: Machine) -> bool:
    """Whether a filesystem of the system rests on the disk."""
    devices = _devices(machine)
    paths = {filesystem.path for filesystem in filesystems}
    return any(devices.get(node.name, node.path) in paths for node in disk.nodes)


def _disk(disk: Disk) -> DiskLayout:
    partitions = tuple(_partition(node) for node in disk.partitions)
    roles = {partition.role for partition in partitions}
    return DiskLayout(
        name=disk.name,
        path=disk.path,
        lasting_path=disk.lasting_path,
        described=disk.described,
        size=disk.size,
        sector_size=disk.sector_size,
        wipe=False,
        boots={"efi", "bios-boot"} <= roles,
        partitions=partitions,
    )


def _partition(node: Node) -> PartitionLayout:
    by_type = _BY_TYPE.get((node.type_id or "").lower())
    return PartitionLayout(
        number=node.number or 0,
        path=node.path,
        start=node.start or 0,
        size=node.size,
        role=by_type or _BY_CONTENT.get(node.content.kind or "", "filesystem"),
        label=node.partition_label or "",
        existing=True,
    )
