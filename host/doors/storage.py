"""StorageApi on the ports of a machine (host.api.storage)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from foundation.failure import Failure
from host.audit import Actor, record
from host.document.model import HostDocument
from host.document.storage_files import main_unit, unit_name
from host.document.storage_names import check_portal
from host.doors import storage_health
from host.in_force import document_in_force
from host.jobs import Jobs
from host.machine import Machine
from host.machine.iscsi import NodeAddress
from host.parts.iscsi import initiator_name, wanted_records
from host.parts.iscsi_leaving import refuse_while_in_use
from host.status import HealthCheck
from host.storage_use import find_disk
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

_DISKS_ASKED_AT_ONCE = 8


class StorageDoor:
    """See host.api.storage.StorageApi."""

    def __init__(self, machine: Machine, jobs: Jobs) -> None:
        """The door to ``machine``."""
        self._machine = machine
        self._ports = machine.storage
        self._jobs = jobs

    def disks(self, smart: bool = False) -> tuple[Disk, ...]:
        """From lsblk; with SMART, several at once."""
        disks = self._ports.disks.disks()
        if not smart:
            return disks
        with ThreadPoolExecutor(_DISKS_ASKED_AT_ONCE) as workers:
            answers = workers.map(self._ports.disks.smart, disks)
            return tuple(
                replace(disk, smart=found) for disk, found in zip(disks, answers, strict=True)
            )

    def smart(self, disk: str) -> Smart:
        """By any of the disk's names."""
        found = find_disk(disk, self._ports.disks.disks())
        if found is None:
            raise Failure(f"There is no disk {disk}.", "See `flexvdi-config disks show`.")
        return self._ports.disks.smart(found)

    def adapters(self) -> tuple[HostAdapter, ...]:
        """From sysfs."""
        return self._ports.disks.adapters()

    def rescan(self, actor: Actor) -> Rescanned:
        """Adapters, sessions, then compare."""
        before = {disk.name for disk in self._ports.disks.disks()}
        adapters = self._ports.disks.adapters()
        with _recorded(actor, "storage-rescan", "Storage was looked for again"):
            sessions = self._ports.iscsi.rescan()
            self._ports.disks.rescan(adapters)
        after = {disk.name for disk in self._ports.disks.disks()}
        return Rescanned(
            found=tuple(sorted(after - before)),
            gone=tuple(sorted(before - after)),
            adapters=tuple(adapter.name for adapter in adapters if adapter.kind != "iscsi"),
            sessions=sessions,
        )

    def initiator_name(self) -> str:
        """From iscsid's file."""
        return initiator_name(self._machine)

    def discover(self, portal: str, chap: Chap | None = None) -> tuple[DiscoveredTarget, ...]:
        """With the CHAP that the document has for the portal, if none is given."""
        try:
            portal = check_portal(portal)
        except ValueError as error:
            raise Failure(f"{error}.", "Write it as in 10.0.5.1:3260.") from error
        if chap is None:
            known = self._document().storage.iscsi.portals
            chap = next((each.chap for each in known if each.address == portal), None)
        return self._ports.iscsi.discover(portal, chap)

    def sessions(self) -> tuple[ISCSISession, ...]:
        """From the kernel."""
        return self._ports.iscsi.sessions()

    def login(self, target: str, actor: Actor) -> tuple[ISCSISession, ...]:
        """Every way to the target that the document names; all are tried before one fails."""
        failures: list[Failure] = []
        with _recorded(actor, "iscsi-login", f"Logged in to {target}", target=target):
            for address in self._ways_to(target):
                try:
                    self._ports.iscsi.login(address)
                except Failure as failure:
                    failures.append(failure)
            if failures:
                raise failures[0]
        return tuple(session for session in self.sessions() if session.target == target)

    def logout(self, target: str, actor: Actor) -> None:
        """Every session of the target, unless its disks are in use."""
        addresses = tuple(
            NodeAddress(session.target, session.portal, session.interface or "default")
            for session in self.sessions()
            if session.target == target
        )
        if not addresses:
            raise Failure(f"There is no session to {target}.", "See `flexvdi-config iscsi show`.")
        with _recorded(actor, "iscsi-logout", f"Logged out of {target}", target=target):
            refuse_while_in_use(target, addresses, self._machine)
            for address in addresses:
                self._ports.iscsi.logout(address)

    def multipath_devices(self) -> tuple[MultipathDevice, ...]:
        """From multipathd."""
        return self._ports.multipath.devices()

    def nfs_exports(self, server: str) -> tuple[NFSExport, ...]:
        """From the server."""
        try:
            return self._ports.mounts.exports(server)
        except ValueError as error:
            raise Failure(f"{error}.", "Give the server's address or host name.") from error

    def test_mount(self, mount: NFSMount) -> MountTest:
        """Aside, and gone afterwards."""
        return self._ports.mounts.try_mount(mount)

    def mounts(self) -> tuple[MountStatus, ...]:
        """Each with its own time limit."""
        return storage_health.mount_states(self._document(), self._machine)

    def mount(self, name: str, actor: Actor) -> None:
        """Start its unit."""
        with _recorded(actor, "mount", f"Mounted {name}", mount=name):
            self._ports.mounts.start(main_unit(self._mount_named(name)))

    def unmount(self, name: str, actor: Actor) -> None:
        """Stop its units."""
        mount = self._mount_named(name)
        with _recorded(actor, "unmount", f"Unmounted {name}", mount=name):
            if mount.automount:
                self._ports.mounts.stop(unit_name(mount.path, "automount"))
            self._ports.mounts.stop(unit_name(mount.path))

    def volume_groups(self) -> tuple[GroupStatus, ...]:
        """From LVM."""
        return self._ports.volumes.groups()

    def remove_volume(self, group: str, name: str, erase: Sequence[str], actor: Actor) -> None:
        """Refused while the document names it or anybody uses it."""
        path = f"{group}/{name}"
        found = self._group_named(group)
        volume = next((volume for volume in found.volumes if volume.name == name), None)
        if volume is None:
            raise Failure(f"There is no volume {path}.", "See `flexvdi-config volumes show`.")
        if any(
            (g.name, v.name) == (group, name)
            for g in self._document().storage.volume_groups
            for v in g.volumes
        ):
            raise Failure(
                f"The document of this host still has the volume {path}.",
                "Take it out of storage.volume_groups and apply; its data stays until then.",
            )
        if volume.mounts:
            raise Failure(
                f"The volume {path} is mounted on {', '.join(volume.mounts)}.", "Unmount it first."
            )
        _require_confirmation(path, erase)
        with _recorded(actor, "volume-remove", f"Destroyed the volume {path}", volume=path):
            self._ports.volumes.remove(group, name)

    def remove_volume_group(self, name: str, erase: Sequence[str], actor: Actor) -> None:
        """Refused while it has volumes, or the document names it."""
        found = self._group_named(name)
        if any(group.name == name for group in self._document().storage.volume_groups):
            raise Failure(
                f"The document of this host still has the volume group {name}.",
                "Take it out of storage.volume_groups and apply first.",
            )
        if found.volumes:
            raise Failure(
                f"The volume group {name} still has volumes: "
                f"{', '.join(volume.name for volume in found.volumes)}.",
                "Remove them first.",
            )
        _require_confirmation(name, erase)
        with _recorded(actor, "group-remove", f"Destroyed the volume group {name}", group=name):
            self._ports.volumes.remove_group(name)

    def pools(self) -> tuple[PoolStatus, ...]:
        """From libvirt."""
        return self._ports.pools.pools()

    def media(self) -> tuple[MediaFile, ...]:
        """The ISO images below each media store; none of a store that does not answer."""
        return tuple(
            MediaFile(mount.name, name, size)
            for mount in self._document().storage.all_mounts()
            if mount.purpose == "media-storage"
            for name, size in self._ports.disks.media(mount.path)
        )

    def checks(self) -> tuple[HealthCheck, ...]:
        """See host.doors.storage_health."""
        return storage_health.checks(self._document(), self._machine)

    def _document(self) -> HostDocument:
        return document_in_force(self._machine.files)

    def _ways_to(self, target: str) -> list[NodeAddress]:
        document = self._document()
        for each in document.storage.iscsi.targets:
            if each.name == target:
                return [found.address for found in wanted_records(document, each)]
        raise Failure(
            f"The document of this host has no target {target}.",
            f"Add it with `flexvdi-config iscsi add {target} --portal ADDRESS`.",
        )

    def _mount_named(self, name: str) -> storage_health.AnyMount:
        for mount in self._document().storage.all_mounts():
            if name in (mount.name, mount.path):
                return mount
        raise Failure(
            f"The document of this host has no mount {name}.",
            "See `flexvdi-config mounts show`.",
        )

    def _group_named(self, name: str) -> GroupStatus:
        for group in self._ports.volumes.groups():
            if group.name == name:
                return group
        raise Failure(f"There is no volume group {name}.", "See `flexvdi-config volumes show`.")


def _require_confirmation(name: str, erase: Sequence[str]) -> None:
    if tuple(erase) != (name,):
        raise Failure(
            f"Everything on {name} would be lost, and that was not confirmed.",
            f"Type its name, or say --erase {name}.",
        )


@contextmanager
def _recorded(actor: Actor, action: str, words: str, **fields: str) -> Iterator[None]:
    """Leave one audit record, whatever comes of it."""
    try:
        yield
    except Failure as failure:
        record(actor, action, "failed", f"{words}: {failure.cause}", **fields)
        raise
    record(actor, action, "done", f"{words}.", **fields)
