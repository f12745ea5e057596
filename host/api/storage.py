"""StorageApi: what can be asked of a host's storage, and done to it at once.

What shall last is in the host document (``document.storage``) and is applied as everything else.
The calls here look, or do what has no place in a document: rescan, try, reconnect, remove.
All of them block, some for many seconds, and every one ends: a server that is silent costs its
time limit and nothing more. What fails comes as Failure with cause and remedy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from host.audit import Actor
from host.status import HealthCheck
from host.storage_values import (
    DiscoveredTarget,
    Disk,
    GroupStatus,
    HostAdapter,
    ISCSISession,
    MediaFile,
    MountStatus,
    MountTest,
    MultipathDevice,
    NFSExport,
    PoolStatus,
    Rescanned,
    Smart,
)

if TYPE_CHECKING:
    from host.document.storage import Chap, NFSMount


class StorageApi(Protocol):
    """The storage of a host."""

    def disks(self, smart: bool = False) -> tuple[Disk, ...]:
        """All disks with what is on them; ``smart`` asks each how it is, which may take seconds."""

    def smart(self, disk: str) -> Smart:
        """How a disk says it is."""

    def adapters(self) -> tuple[HostAdapter, ...]:
        """Fibre Channel, SAS and other SCSI hosts."""

    def rescan(self, actor: Actor) -> Rescanned:
        """Have every adapter and iSCSI session look again for disks, and for changed sizes."""

    def initiator_name(self) -> str:
        """The iSCSI name of this host; empty when it has none."""

    def discover(self, portal: str, chap: Chap | None = None) -> tuple[DiscoveredTarget, ...]:
        """Ask a portal for its targets; leaves no record behind."""

    def sessions(self) -> tuple[ISCSISession, ...]:
        """The iSCSI sessions that are open, or trying to be again."""

    def login(self, target: str, actor: Actor) -> tuple[ISCSISession, ...]:
        """Log in once more to a target of the document, where no session is open."""

    def logout(self, target: str, actor: Actor) -> None:
        """End the sessions of a target until the next boot; refused while its disks are in use."""

    def multipath_devices(self) -> tuple[MultipathDevice, ...]:
        """LUNs with several paths, each path with its state; none where multipath is off."""

    def nfs_exports(self, server: str) -> tuple[NFSExport, ...]:
        """What a server says it exports; servers of NFS 4 alone cannot be asked."""

    def test_mount(self, mount: NFSMount) -> MountTest:
        """Mount an export aside, try writing unless it is read-only, and unmount it."""

    def mounts(self) -> tuple[MountStatus, ...]:
        """The mounts of the document as they are; a server that is away delays nobody."""

    def mount(self, name: str, actor: Actor) -> None:
        """Mount once more what the document names."""

    def unmount(self, name: str, actor: Actor) -> None:
        """Unmount until the next boot."""

    def volume_groups(self) -> tuple[GroupStatus, ...]:
        """Volume groups with their volumes."""

    def remove_volume(self, group: str, name: str, erase: Sequence[str], actor: Actor) -> None:
        """Destroy a volume that no document and nobody uses; ``erase`` must be ``GROUP/NAME``."""

    def remove_volume_group(self, name: str, erase: Sequence[str], actor: Actor) -> None:
        """Destroy a volume group without volumes; ``erase`` must be its name."""

    def pools(self) -> tuple[PoolStatus, ...]:
        """libvirt's storage pools."""

    def media(self) -> tuple[MediaFile, ...]:
        """The ISO images in all media stores."""

    def checks(self) -> tuple[HealthCheck, ...]:
        """How the storage is, with reasons; part of the host's status."""
