"""Layout: exactly what will be on the disks, byte for byte, before anything is written.

A layout is what :func:`installer.storage.planning.plan_layout` makes of an InstallPlan and a
Machine. It is pure data, travels as JSON, and is shown to a person (``preview``) before the steps
carry it out. Sizes and offsets are bytes. Devices refer to each other by path, which planning
knows beforehand: ``/dev/sda3``, ``/dev/md/boot``, ``/dev/flexvdi/root_a``.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

LAYOUT_VERSION = 1

PartitionRole = Literal[
    "filesystem", "physical-volume", "raid-member", "efi", "bios-boot", "swap", "reserved"
]


class LayoutItem(BaseModel):
    """What all parts of a layout share."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PartitionLayout(LayoutItem):
    """A partition at its final place; ``existing`` ones are used as they are, never moved.

    ``label`` is its name in the GPT. ``handle`` is the author's name for it (``pv.01``, ``/boot``).
    """

    number: int
    path: str
    start: int
    size: int
    role: PartitionRole
    label: str
    handle: str = ""
    existing: bool = False

    @property
    def end(self) -> int:
        """The first byte after it."""
        return self.start + self.size


class DiskLayout(LayoutItem):
    """A disk that the installation writes to.

    ``wipe`` gives it a new GPT and loses everything on it; otherwise only the partitions whose
    numbers are in ``removed`` go. ``lost`` says for a person, in a line each, what is erased;
    ``kept`` what stays. ``boots`` is set when GRUB for BIOS and the ESP go here.
    """

    name: str
    path: str
    lasting_path: str
    described: str
    size: int
    sector_size: int
    wipe: bool
    removed: tuple[int, ...] = ()
    removed_paths: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    boots: bool = False
    partitions: tuple[PartitionLayout, ...] = ()


class ArrayLayout(LayoutItem):
    """An MD array; ``metadata`` 1.0 lies at the members' end, so firmware may read one alone."""

    name: str
    path: str
    level: Literal["0", "1", "4", "5", "6", "10"]
    members: tuple[str, ...]
    spares: tuple[str, ...] = ()
    metadata: str = "1.2"
    chunk_size: int | None = None
    size: int
    handle: str = ""


class VolumeLayout(LayoutItem):
    """A logical volume; ``size`` of a thin volume is what it pretends to have."""

    name: str
    path: str
    kind: Literal["plain", "thin-pool", "thin"] = "plain"
    size: int
    pool: str | None = None
    metadata_size: int | None = None
    chunk_size: int | None = None
    existing: bool = False


class GroupLayout(LayoutItem):
    """A volume group; ``free`` bytes stay unused on purpose (room for root slot B)."""

    name: str
    physical_volumes: tuple[str, ...]
    extent_size: int
    size: int
    free: int
    volumes: tuple[VolumeLayout, ...] = ()
    existing: bool = False


class FilesystemLayout(LayoutItem):
    """A filesystem, swap area or ESP on the device ``path``.

    ``mount_point`` is an absolute path, ``swap``, or None for one that is made but not mounted
    (the ESP of a further boot disk).
    """

    path: str
    kind: Literal["ext4", "ext3", "ext2", "xfs", "vfat", "swap"]
    mount_point: str | None
    size: int
    label: str = ""
    mount_options: str = "defaults"
    mkfs_options: str = ""
    format: bool = True
    where: str = ""


class Layout(LayoutItem):
    """The whole layout. ``notes`` are remarks for a person, as on arrays that will resync."""

    layout_version: int = LAYOUT_VERSION
    disks: tuple[DiskLayout, ...] = ()
    arrays: tuple[ArrayLayout, ...] = ()
    groups: tuple[GroupLayout, ...] = ()
    filesystems: tuple[FilesystemLayout, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def boot_disks(self) -> tuple[DiskLayout, ...]:
        """The disks that get GRUB, the first choice first."""
        return tuple(disk for disk in self.disks if disk.boots)

    @property
    def erases(self) -> bool:
        """Whether anything that is on a disk today gets lost."""
        return any(disk.lost for disk in self.disks)

    def filesystem_at(self, mount_point: str) -> FilesystemLayout | None:
        """The filesystem that is mounted there."""
        for filesystem in self.filesystems:
            if filesystem.mount_point == mount_point:
                return filesystem
        return None

    def array_at(self, path: str) -> ArrayLayout | None:
        """The array whose device is ``path``."""
        return next((array for array in self.arrays if array.path == path), None)

    def group_of(self, volume_path: str) -> GroupLayout | None:
        """The volume group that holds the logical volume ``volume_path``."""
        for group in self.groups:
            if any(volume.path == volume_path for volume in group.volumes):
                return group
        return None

    def disks_under(self, path: str) -> tuple[DiskLayout, ...]:
        """The disks on which the device ``path`` rests, through volume group and array."""
        group = self.group_of(path)
        array = self.array_at(path)
        if group is not None:
            below: tuple[str, ...] = group.physical_volumes
        elif array is not None:
            below = (*array.members, *array.spares)
        else:
            return tuple(
                disk
                for disk in self.disks
                if any(partition.path == path for partition in disk.partitions)
            )
        found = {disk.name for member in below for disk in self.disks_under(member)}
        return tuple(disk for disk in self.disks if disk.name in found)
