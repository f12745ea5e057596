"""What is known of a host's storage at a moment: plain values for screens and commands.

Sizes are bytes. Nothing here imports the document's models, and nothing holds a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SmartState = Literal["ok", "warning", "failed", "unknown"]
MountState = Literal["mounted", "not mounted", "waiting for use", "stale", "read-only", "failed"]


@dataclass(frozen=True)
class DiskContent:
    """One thing on a disk, as far down as it goes: a partition, a filesystem, an LVM volume …

    ``device`` is a kernel name; ``holds`` is what it is formatted with (``xfs``,
    ``LVM2_member``), empty for a bare partition.
    """

    device: str
    kind: str
    size: int
    holds: str = ""
    label: str = ""
    uuid: str = ""
    mounts: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As in ``sda2: xfs “data” on /srv/data``."""
        words = [self.holds or self.kind]
        words += [f"“{self.label}”"] if self.label else []
        words += [f"on {', '.join(self.mounts)}"] if self.mounts else []
        return f"{self.device}: {' '.join(words)}"


@dataclass(frozen=True)
class Smart:
    """A disk's opinion of itself. ``reasons`` say why it is not ``ok``; hours it has run."""

    state: SmartState
    reasons: tuple[str, ...] = ()
    temperature: int | None = None
    hours: int | None = None
    wear_percent: int | None = None


@dataclass(frozen=True)
class Disk:
    """A whole disk (or LUN, or multipath device) as the kernel and udev know it.

    ``stable`` is the name that a document should use; ``holders`` are the kernel names of what
    is built on it (a volume group's volumes, an array, a multipath device).
    """

    name: str
    path: str
    stable: str
    size: int
    kind: str = "disk"
    model: str = ""
    vendor: str = ""
    serial: str = ""
    wwn: str = ""
    transport: str = ""
    rotational: bool = False
    read_only: bool = False
    removable: bool = False
    state: str = ""
    by_id: tuple[str, ...] = ()
    contents: tuple[DiskContent, ...] = ()
    holders: tuple[str, ...] = ()
    smart: Smart | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is on it and nothing is built on it."""
        return not self.contents and not self.holders

    @property
    def names(self) -> frozenset[str]:
        """Every name it goes by."""
        return frozenset((self.name, self.path, self.stable, *self.by_id))


@dataclass(frozen=True)
class HostAdapter:
    """A SCSI host: a Fibre Channel or SAS port, or another controller. ``address`` is its WWPN
    or SAS address; ``state`` as the kernel's transport class says (``Online``, ``Linkdown``).
    """

    name: str
    kind: Literal["fc", "sas", "iscsi", "other"]
    driver: str = ""
    address: str = ""
    node_address: str = ""
    state: str = ""
    speed: str = ""


@dataclass(frozen=True)
class Rescanned:
    """What looking again for disks found: kernel names that came and that went."""

    found: tuple[str, ...]
    gone: tuple[str, ...]
    adapters: tuple[str, ...]
    sessions: int


@dataclass(frozen=True)
class DiscoveredTarget:
    """An iSCSI target that a portal offers, with all portals it can be reached through."""

    name: str
    portals: tuple[str, ...]


@dataclass(frozen=True)
class ISCSISession:
    """A connection to a target through one portal; ``state`` is ``LOGGED_IN`` when it works."""

    id: int
    target: str
    portal: str
    interface: str = ""
    state: str = ""
    disks: tuple[str, ...] = ()

    @property
    def works(self) -> bool:
        """Whether commands go through it."""
        return self.state in ("", "LOGGED_IN")


@dataclass(frozen=True)
class MultipathPath:
    """One way to a LUN. ``state`` is the device-mapper's (``active``, ``failed``), ``checker``
    what the path checker last saw (``ready``, ``faulty``, ``ghost``).
    """

    device: str
    address: str
    state: str
    checker: str
    group: int = 1
    adapter: str = ""
    target: str = ""

    @property
    def works(self) -> bool:
        """Whether it can carry commands; a ghost path could, were it switched to."""
        return self.state == "active" and self.checker in ("ready", "ghost", "undef")


@dataclass(frozen=True)
class MultipathDevice:
    """A LUN that is reached over several paths."""

    name: str
    wwid: str
    path: str
    size: int
    product: str = ""
    queueing: str = ""
    paths: tuple[MultipathPath, ...] = ()

    @property
    def working(self) -> int:
        """How many paths work."""
        return sum(path.works for path in self.paths)


@dataclass(frozen=True)
class NFSExport:
    """A path that a server exports; ``clients`` as the server names them, empty for everybody."""

    path: str
    clients: tuple[str, ...] = ()


@dataclass(frozen=True)
class MountTest:
    """How trying a mount went: whether it could be written to, and what room there is."""

    writable: bool
    size: int
    free: int
    seconds: float


@dataclass(frozen=True)
class MountStatus:
    """A mount that the document describes, as it is now."""

    name: str
    path: str
    source: str
    purpose: str
    state: MountState
    reason: str = ""
    remedy: str = ""
    filesystem: str = ""
    options: str = ""
    size: int = 0
    free: int = 0


@dataclass(frozen=True)
class VolumeStatus:
    """A logical volume; ``cut_off`` when it is open on a disk that was pulled meanwhile.

    A disk that comes back is a new one to the kernel: what was open on it stays dead until it is
    closed and opened again.
    """

    group: str
    name: str
    path: str
    size: int
    active: bool = True
    filesystem: str = ""
    mounts: tuple[str, ...] = ()
    kind: str = ""
    data_percent: float | None = None
    cut_off: bool = False


@dataclass(frozen=True)
class GroupStatus:
    """A volume group; ``missing`` counts disks of it that are not there."""

    name: str
    size: int
    free: int
    extent: int
    disks: tuple[str, ...] = ()
    volumes: tuple[VolumeStatus, ...] = ()
    missing: int = 0
    shared: bool = False


@dataclass(frozen=True)
class PoolStatus:
    """A storage pool as libvirt has it."""

    name: str
    kind: str
    path: str
    active: bool
    autostart: bool
    capacity: int = 0
    free: int = 0


@dataclass(frozen=True)
class MediaFile:
    """An ISO image in a media store."""

    store: str
    name: str
    size: int
