"""A machine as values: what the probe found, and what tests describe in JSON.

Nothing here touches the system. Sizes and offsets are bytes. The words are lsblk's where it has
one (``linux_raid_member``, ``LVM2_member``, ``crypto_LUKS`` …).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from foundation.disk_names import lasting_link

MACHINE_VERSION = 1

Firmware = Literal["bios", "uefi"]


class MachineItem(BaseModel):
    """What all parts of a machine share: immutable, and nothing unknown inside."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Content(MachineItem):
    """What blkid recognises on a device; ``kind`` is None when it recognises nothing."""

    kind: str | None = None
    label: str | None = None
    uuid: str | None = None


class Node(MachineItem):
    """A block device on a disk: a partition, or what is built on one (``raid``, ``lvm`` …).

    ``kind`` is ``partition``, ``raid``, ``lvm``, ``crypt``, ``multipath``, ``loop`` or ``other``.
    ``number``, ``start``, ``type_id`` and ``partition_uuid`` are set for partitions only.
    """

    name: str
    path: str
    kind: str = "partition"
    size: int = 0
    number: int | None = None
    start: int | None = None
    type_id: str | None = None
    partition_label: str | None = None
    partition_uuid: str | None = None
    content: Content = Content()
    mount_points: tuple[str, ...] = ()
    holders: tuple[Node, ...] = ()

    def walk(self) -> Iterator[Node]:
        """This node and everything built on it, from the bottom up."""
        yield self
        for holder in self.holders:
            yield from holder.walk()


class Disk(MachineItem):
    """A disk that could be installed on. A multipath device is one disk; its legs are not listed.

    ``links`` are all names under ``/dev/disk/``; ``path`` is the kernel's own name of today.
    ``install_medium`` is set when the running installer came from it. ``table`` is ``gpt``,
    ``dos`` or another label that lsblk knows, None without one.
    """

    name: str
    path: str
    size: int
    sector_size: int = 512
    physical_sector_size: int = 512
    model: str = ""
    vendor: str = ""
    serial: str = ""
    wwn: str = ""
    transport: str = ""
    rotational: bool = False
    removable: bool = False
    read_only: bool = False
    install_medium: bool = False
    links: tuple[str, ...] = ()
    legs: tuple[str, ...] = ()
    table: str | None = None
    content: Content = Content()
    mount_points: tuple[str, ...] = ()
    partitions: tuple[Node, ...] = ()
    holders: tuple[Node, ...] = ()

    @property
    def lasting_path(self) -> str:
        """The name to write into anything that outlives today: by-id where the disk has one."""
        return lasting_link(self.links) or self.path

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Everything on this disk, from the bottom up."""
        tops = (*self.partitions, *self.holders)
        return tuple(node for top in tops for node in top.walk())

    @property
    def used_at(self) -> tuple[str, ...]:
        """Where the disk or anything on it is mounted (``[SWAP]`` for active swap)."""
        return (*self.mount_points, *(at for node in self.nodes for at in node.mount_points))

    @property
    def is_blank(self) -> bool:
        """Whether nothing is lost by overwriting it: no partition, no signature."""
        return not self.partitions and not self.holders and self.content.kind is None

    @property
    def described(self) -> str:
        """One line for a person: name, size, model and serial number."""
        about = " ".join(part for part in (self.vendor, self.model) if part)
        serial = f"serial {self.serial}" if self.serial else ""
        return ", ".join(part for part in (self.path, in_words(self.size), about, serial) if part)


class FoundGroup(MachineItem):
    """An LVM volume group on the machine's disks, active or not; volumes are paths of devices."""

    name: str
    uuid: str
    physical_volumes: tuple[str, ...] = ()
    extent_size: int = 4 << 20
    free: int = 0
    volumes: tuple[FoundVolume, ...] = ()


class FoundVolume(MachineItem):
    """A logical volume of a :class:`FoundGroup`; ``kind`` is ``plain``, ``thin-pool``, ``thin``."""

    name: str
    size: int
    kind: Literal["plain", "thin-pool", "thin"] = "plain"
    pool: str | None = None
    content: Content = Content()


class FoundArray(MachineItem):
    """An MD array on the machine's disks, running or not."""

    name: str
    uuid: str
    level: str = ""
    members: tuple[str, ...] = ()


class NetworkPort(MachineItem):
    """A physical network port; ``speed`` in Mbit/s; ``link`` None when the port is down."""

    name: str
    mac: str
    driver: str = ""
    model: str = ""
    link: bool | None = None
    speed: int | None = None
    addresses: tuple[str, ...] = ()


class Machine(MachineItem):
    """The whole machine. ``memory`` is bytes of RAM."""

    machine_version: int = MACHINE_VERSION
    firmware: Firmware = "bios"
    secure_boot: bool = False
    memory: int = 0
    vendor: str = ""
    product: str = ""
    serial: str = ""
    disks: tuple[Disk, ...] = ()
    groups: tuple[FoundGroup, ...] = ()
    arrays: tuple[FoundArray, ...] = ()
    network_ports: tuple[NetworkPort, ...] = ()

    def disk(self, name: str) -> Disk:
        """The disk with this kernel name; raises KeyError when there is none."""
        for disk in self.disks:
            if disk.name == name:
                return disk
        raise KeyError(name)


FoundGroup.model_rebuild()
Node.model_rebuild()


def in_words(size: int) -> str:
    """Bytes as a person reads them, in binary units with one digit at most: ``1.5 GiB``."""
    value = float(size)
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if value < 1024 or unit == "TiB":
            text = f"{value:.1f}".removesuffix(".0")
            return f"{text} {unit}"
        value /= 1024
    raise AssertionError("unreachable")
