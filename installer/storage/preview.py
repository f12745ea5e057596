"""A layout in words: exactly what is erased and what is created, for screens and logs."""

from __future__ import annotations

from installer.machine.model import in_words
from installer.storage.layout import DiskLayout, FilesystemLayout, Layout, PartitionLayout


def preview(layout: Layout) -> str:
    """The whole layout as text of at most 80 columns wherever names allow."""
    return "\n".join([*erased_lines(layout), "", *created_lines(layout)])


def erased_lines(layout: Layout) -> list[str]:
    """What is on the disks today and will be lost, and what on the same disks stays."""
    lines = ["Will be erased:"]
    for disk in layout.disks:
        if disk.wipe:
            lines.append(f"  {disk.described}")
            lines += [f"    {line}" for line in disk.lost or ("nothing: the disk is empty",)]
        else:
            lines.append(f"  parts of {disk.described}")
            lines += [f"    {line}" for line in disk.lost or ("nothing",)]
            lines += [f"    stays: {line}" for line in disk.kept]
    return lines


def created_lines(layout: Layout) -> list[str]:
    """What will be there afterwards."""
    lines = ["Will be created:"]
    by_path = {filesystem.path: filesystem for filesystem in layout.filesystems}
    for disk in layout.disks:
        boots = ", boots" if disk.boots else ""
        lines.append(f"  {disk.path} ({disk.lasting_path}){boots}")
        lines += [_partition_line(disk, partition, by_path) for partition in disk.partitions]
    for array in layout.arrays:
        lines.append(
            _row(array.path, array.size, f"RAID {array.level}", by_path.get(array.path), 2)
        )
        lines.append(f"      of {', '.join((*array.members, *array.spares))}")
    for group in layout.groups:
        verb = "uses" if group.existing else "on"
        lines.append(
            f"  volume group {group.name}: {in_words(group.size)} "
            f"{verb} {', '.join(group.physical_volumes)}"
        )
        for volume in group.volumes:
            what = {"plain": "volume", "thin-pool": "thin pool", "thin": "thin volume"}[volume.kind]
            lines.append(_row(volume.name, volume.size, what, by_path.get(volume.path), 4))
        if group.free:
            lines.append(_row("(free)", group.free, "room for another system", None, 4))
    lines += [f"  Note: {note}" for note in layout.notes]
    return lines


def _partition_line(
    disk: DiskLayout, partition: PartitionLayout, by_path: dict[str, FilesystemLayout]
) -> str:
    what = {
        "bios-boot": "BIOS boot",
        "efi": "EFI system",
        "raid-member": "RAID member",
        "physical-volume": "LVM",
        "swap": "swap",
    }.get(partition.role, "partition")
    if partition.existing:
        what = f"existing {what}"
    name = partition.path.removeprefix("/dev/")
    if "/" in name:  # a link, as partitions of multipath devices have
        name = f"{disk.name} part {partition.number}"
    return _row(name, partition.size, what, by_path.get(partition.path), 4)


def _row(name: str, size: int, what: str, filesystem: FilesystemLayout | None, indent: int) -> str:
    line = f"{' ' * indent}{name:<14} {in_words(size):>10}  {what:<12}"
    if filesystem is not None:
        kept = "" if filesystem.format else " (kept as it is)"
        line += f" {filesystem.kind:<5} {filesystem.mount_point or ''}{kept}"
    return line.rstrip()
