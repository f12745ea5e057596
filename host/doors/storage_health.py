"""How a host's storage is, with reasons: what its mounts, sessions, paths, groups and disks say.

A check looks only at what the document names, never raises, and never waits for a server longer
than its time limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from foundation.failure import Failure
from host.document.model import HostDocument
from host.document.storage import DirectoryMount, FilesystemMount, NFSMount
from host.document.storage_files import is_mounted, main_unit, unit_name
from host.machine import Machine
from host.machine.iscsi import DEFAULT_INTERFACE, NodeAddress
from host.machine.mounts import Mounted
from host.mount_failures import mount_failure
from host.parts.iscsi import wanted_records, way
from host.status import CheckState, HealthCheck
from host.storage_values import MountState, MountStatus

AnyMount = NFSMount | FilesystemMount | DirectoryMount

_ASKED_AT_ONCE = 16
_OWN = ("/", "/boot", "/var")
_ON_DISKS = ("xfs", "ext4")
_SPACE_WARNING, _SPACE_FAILED = 0.10, 0.02


def checks(document: HostDocument, machine: Machine) -> tuple[HealthCheck, ...]:
    """One check for each kind of storage that the document names."""
    found = (look(document, machine) for look in _CHECKS)
    return tuple(check for check in found if check is not None)


def mount_states(document: HostDocument, machine: Machine) -> tuple[MountStatus, ...]:
    """Every mount of the document, asked side by side: silent servers are waited for once."""
    mounts = tuple(document.storage.all_mounts())
    if not mounts:
        return ()
    table = machine.storage.mounts.table()
    with ThreadPoolExecutor(min(_ASKED_AT_ONCE, len(mounts))) as workers:
        return tuple(workers.map(lambda mount: _mount_state(mount, table, machine), mounts))


def _mount_state(mount: AnyMount, table: Sequence[Mounted], machine: Machine) -> MountStatus:
    there = [mounted for mounted in table if mounted.path == mount.path]
    now = next((mounted for mounted in reversed(there) if mounted.filesystem != "autofs"), None)

    def status(state: MountState, reason: str = "", remedy: str = "") -> MountStatus:
        return MountStatus(
            name=mount.name,
            path=mount.path,
            source=mount.source or mount.path,
            purpose=mount.purpose,
            state=state,
            reason=reason,
            remedy=remedy,
            filesystem=now.filesystem if now else "",
            options=now.options if now else "",
            size=usage.size if usage else 0,
            free=usage.free if usage else 0,
        )

    usage = None
    if is_mounted(mount) and now is None:
        if there:
            return status("waiting for use", "It is mounted when it is first used.")
        again = f"Try `flexvdi-config mounts mount {mount.name}`."
        said = _why_not_mounted(mount, machine)
        if not said:
            return status("not mounted", "It is not mounted.", again)
        why = mount_failure(mount.source or mount.path, said)
        return status("failed", why.cause, f"{why.remedy} {again}")
    usage = machine.storage.mounts.usage(mount.path)
    if usage is None:
        if isinstance(mount, NFSMount):
            return status(
                "stale",
                f"The server of {mount.source} does not answer, or no longer has it.",
                "Look at the server and the network to it; programs wait until it is back.",
            )
        return status(
            "stale",
            f"The disk of {mount.source or mount.path} does not answer, or is gone.",
            "Look at the disk and its cables; `flexvdi-config disks show` tells which are seen.",
        )
    if now is not None and now.read_only and not mount.read_only:
        return status(
            "read-only",
            f"{mount.source} was turned read-only, often after a disk error.",
            "Look at the kernel log (dmesg) and the disk, then repair and mount it again.",
        )
    return status("mounted")


def _why_not_mounted(mount: AnyMount, machine: Machine) -> str:
    try:
        unit = machine.storage.mounts.failure_of(unit_name(mount.path))
        return unit or machine.storage.mounts.failure_of(main_unit(mount))
    except Failure:
        return ""


def _mounts(document: HostDocument, machine: Machine) -> HealthCheck | None:
    name = "Mounts"
    if not any(document.storage.all_mounts()):
        return None
    try:
        states = mount_states(document, machine)
    except Failure as failure:
        return HealthCheck(name, "unknown", failure.cause, failure.remedy)
    for bad in ("stale", "failed", "read-only", "not mounted"):
        for mount in states:
            if mount.state == bad:
                return HealthCheck(name, "failed", f"{mount.name}: {mount.reason}", mount.remedy)
    tight = [mount for mount in states if mount.size]
    tight.sort(key=lambda mount: mount.free / mount.size)
    if tight and (left := tight[0].free / tight[0].size) < _SPACE_WARNING:
        state: CheckState = "failed" if left < _SPACE_FAILED else "warning"
        words = f"{tight[0].name} has {left:.0%} of its space left."
        return HealthCheck(name, state, words, "Remove what is not needed, or make it larger.")
    return HealthCheck(name, "ok", f"{len(states)} in place.")


def _iscsi(document: HostDocument, machine: Machine) -> HealthCheck | None:
    name = "iSCSI"
    targets = document.storage.iscsi.targets
    if not targets:
        return None
    try:
        working = {
            NodeAddress(s.target, s.portal, s.interface or DEFAULT_INTERFACE)
            for s in machine.storage.iscsi.sessions()
            if s.works
        }
    except Failure as failure:
        return HealthCheck(name, "unknown", failure.cause, failure.remedy)
    lost = [
        record.address
        for target in targets
        for record in wanted_records(document, target)
        if record.address not in working
    ]
    if not lost:
        return HealthCheck(name, "ok", f"Targets: {len(targets)}, logged in by all portals.")
    target, portal = lost[0].target, way(lost[0])
    others = any(address.target == target for address in working)
    return HealthCheck(
        name,
        "warning" if others else "failed",
        f"No session to {target} through {portal}, only through others."
        if others
        else f"No session to {target} through {portal}: its disks are away.",
        f"Check the portal and the network to it, then `flexvdi-config iscsi login {target}`.",
    )


def _multipath(document: HostDocument, machine: Machine) -> HealthCheck | None:
    name = "Multipath"
    if not document.storage.multipath.enabled:
        return None
    try:
        if not machine.storage.multipath.runs():
            return HealthCheck(
                name, "failed", "multipathd does not run.", "See `systemctl status multipathd`."
            )
        devices = machine.storage.multipath.devices()
    except Failure as failure:
        return HealthCheck(name, "unknown", failure.cause, failure.remedy)
    for device in sorted(devices, key=lambda device: device.working):
        if device.working < len(device.paths):
            bad = [path for path in device.paths if not path.works]
            ways = ", ".join(f"{p.device} ({p.adapter or p.address}: {p.checker})" for p in bad)
            return HealthCheck(
                name,
                "warning" if device.working else "failed",
                f"{device.name} has {device.working} of {len(device.paths)} paths; lost: {ways}.",
                "Check cables, switches and the storage's controllers on that way.",
            )
    return HealthCheck(name, "ok", f"Devices: {len(devices)}, all paths work.")


def _groups(document: HostDocument, machine: Machine) -> HealthCheck | None:
    name = "Volume groups"
    wanted = [group.name for group in document.storage.volume_groups]
    if not wanted:
        return None
    try:
        found = {group.name: group for group in machine.storage.volumes.groups()}
    except Failure as failure:
        return HealthCheck(name, "unknown", failure.cause, failure.remedy)
    remedy = "Check the disks and cables, then `flexvdi-config disks rescan`."
    for group in wanted:
        if group not in found:
            return HealthCheck(name, "failed", f"{group} is not there: its disks are away.", remedy)
        if found[group].missing:
            words = f"{group} lacks {found[group].missing} of its disks."
            return HealthCheck(name, "failed", words, remedy)
        for volume in found[group].volumes:
            if volume.cut_off:
                words = f"{group}/{volume.name} was open on a disk that was pulled and came back."
                return HealthCheck(name, "failed", words, "Try `flexvdi-config apply`.")
    return HealthCheck(name, "ok", f"{len(wanted)} with all their disks.")


def _own_filesystems(_document: HostDocument, machine: Machine) -> HealthCheck | None:
    """Whether the kernel has turned a filesystem of the host itself read-only."""
    try:
        table = machine.storage.mounts.table()
    except Failure:
        return None
    for mounted in table:
        if mounted.path in _OWN and mounted.filesystem in _ON_DISKS and mounted.read_only:
            return HealthCheck(
                "Filesystems",
                "failed",
                f"{mounted.path} was turned read-only, often after a disk error.",
                "Look at the kernel log (dmesg) and the disk (`flexvdi-config disks smart`).",
            )
    return None


_CHECKS: tuple[Callable[[HostDocument, Machine], HealthCheck | None], ...] = (
    _mounts,
    _iscsi,
    _multipath,
    _groups,
    _own_filesystems,
)
