"""The steps that host.parts.local_volumes is made of, and their undoing from the journal alone."""

from __future__ import annotations

from typing import Any

from foundation.failure import Failure
from host.document.storage_files import unit_name
from host.jobs import JobStep
from host.machine import Machine
from host.storage_use import find_disk, losses_of
from host.storage_values import GroupStatus, VolumeStatus

_PART = "local_volumes"


def create_group(
    name: str, disks: tuple[str, ...], erase: tuple[str, ...], machine: Machine
) -> JobStep:
    """Make a volume group of ``disks``, of which those in ``erase`` may hold something."""

    def do() -> None:
        if _group(name, machine) is None:
            _prepare(name, disks, erase, machine)
            machine.storage.volumes.create_group(name, disks)

    return _step(
        f"group/{name}",
        f"Volume group {name}",
        is_done=lambda: _group(name, machine) is not None,
        capture=lambda: {"group": name, "there": _group(name, machine) is not None},
        do=do,
        machine=machine,
    )


def extend_group(
    name: str, disks: tuple[str, ...], erase: tuple[str, ...], machine: Machine
) -> JobStep:
    """Add ``disks`` to a volume group."""

    def missing() -> tuple[str, ...]:
        known = machine.storage.disks.disks()
        group = _group(name, machine)
        members = set(group.disks) if group is not None else set()
        return tuple(
            disk
            for disk in disks
            if not members
            & ({disk} | (found.names if (found := find_disk(disk, known)) else set()))
        )

    def do() -> None:
        _prepare(name, missing(), erase, machine)
        machine.storage.volumes.extend_group(name, missing())

    return _step(
        f"disks/{name}",
        f"Disks of the volume group {name}",
        is_done=lambda: not missing(),
        capture=lambda: {},
        do=do,
        machine=machine,
    )


def create_volume(
    group: str, name: str, size: int | None, filesystem: str | None, machine: Machine
) -> JobStep:
    """Make a volume, and a filesystem on it."""

    def is_done() -> bool:
        volume = _volume(group, name, machine)
        return volume is not None and (filesystem is None or volume.filesystem == filesystem)

    def do() -> None:
        volume = _volume(group, name, machine)
        if volume is None:
            machine.storage.volumes.create(group, name, size)
        if filesystem is not None and (volume is None or not volume.filesystem):
            machine.storage.volumes.format(group, name, filesystem)

    return _step(
        f"volume/{group}/{name}",
        f"Volume {group}/{name}",
        is_done=is_done,
        capture=lambda: {
            "group": group,
            "volume": name,
            "there": _volume(group, name, machine) is not None,
        },
        do=do,
        machine=machine,
    )


def extend_volume(
    group: str, name: str, size: int | None, before: int, machine: Machine
) -> JobStep:
    """Grow a volume and the filesystem on it; it stays grown, whatever comes after."""

    def is_done() -> bool:
        volume = _volume(group, name, machine)
        return volume is not None and (volume.size >= size if size else volume.size > before)

    return _step(
        f"grow/{group}/{name}",
        f"Grow the volume {group}/{name}",
        is_done=is_done,
        capture=lambda: {},
        do=lambda: machine.storage.volumes.extend(group, name, size),
        machine=machine,
    )


def format_volume(group: str, name: str, filesystem: str, machine: Machine) -> JobStep:
    """Make a filesystem on a volume that holds nothing."""

    def is_done() -> bool:
        volume = _volume(group, name, machine)
        return volume is not None and volume.filesystem == filesystem

    return _step(
        f"format/{group}/{name}",
        f"Filesystem on {group}/{name}",
        is_done=is_done,
        capture=lambda: {},
        do=lambda: machine.storage.volumes.format(group, name, filesystem),
        machine=machine,
    )


def reopen_volume(group: str, name: str, paths: tuple[str, ...], machine: Machine) -> JobStep:
    """Have a volume on a disk that came back; what is mounted from it on ``paths`` anew as well."""
    mounts = machine.storage.mounts

    def is_done() -> bool:
        volume = _volume(group, name, machine)
        mounted = {entry.path for entry in mounts.table()}
        return volume is not None and not volume.cut_off and mounted.issuperset(paths)

    def do() -> None:
        volume = _volume(group, name, machine)
        if volume is None or volume.cut_off:
            for path in reversed(paths):
                mounts.stop(unit_name(path))
            machine.storage.volumes.reopen(group, name)
        for path in paths:
            mounts.start(unit_name(path))

    return _step(
        f"reopen/{group}/{name}",
        f"Volume {group}/{name} on the disk that came back",
        is_done=is_done,
        capture=lambda: {},
        do=do,
        machine=machine,
    )


def undo(step: str, found: dict[str, Any], machine: Machine) -> None:
    """Remove what the step made; what was there before it is never touched."""
    kind = step.split("/")[1]
    if kind not in ("group", "volume") or found["there"]:
        return
    group = _group(found["group"], machine)
    if group is None:
        return
    if kind == "volume":
        if any(volume.name == found["volume"] for volume in group.volumes):
            machine.storage.volumes.remove(group.name, found["volume"])
    elif not group.volumes:
        machine.storage.volumes.remove_group(group.name)


def _prepare(group: str, disks: tuple[str, ...], erase: tuple[str, ...], machine: Machine) -> None:
    """Have the disks there and empty; what was not confirmed is not erased, whatever it holds."""
    for name in disks:
        if not machine.storage.disks.appears(name):
            raise Failure(
                f"The disk {name} for {group} is not there.",
                "Check cables or iSCSI sessions, then `flexvdi-config disks rescan`.",
            )
        disk = find_disk(name, machine.storage.disks.disks())
        held = losses_of(disk) if disk is not None else ()
        if held and name not in erase:
            raise Failure(
                f"The disk {name} for {group} is not empty: {', '.join(held)}.",
                "Apply again: it is there now, and you are asked for its name.",
            )
        if held:
            machine.storage.disks.wipe(name)


def _group(name: str, machine: Machine) -> GroupStatus | None:
    groups = machine.storage.volumes.groups()
    return next((group for group in groups if group.name == name), None)


def _volume(group: str, name: str, machine: Machine) -> VolumeStatus | None:
    found = _group(group, machine)
    volumes = found.volumes if found is not None else ()
    return next((volume for volume in volumes if volume.name == name), None)


def _step(name: str, title: str, *, machine: Machine, **calls: Any) -> JobStep:
    full = f"{_PART}/{name}"
    return JobStep(name=full, title=title, undo=lambda found: undo(full, found, machine), **calls)
