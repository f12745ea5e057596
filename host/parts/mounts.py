"""What is mounted where, as systemd's mount and automount units.

A unit is as the document says when its file is, and it is started at boot. Whether it is mounted
right now is a matter of health, not of the document: a server that is away must not keep the host
from applying anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foundation.failure import Failure
from host.change import Change, PartPlan
from host.document.model import HostDocument
from host.document.storage_files import (
    UNIT_DIRECTORY,
    UNIT_MARK,
    is_mounted,
    mount_units,
    unit_name,
)
from host.document.system_files import FileContent
from host.files_part import captured
from host.jobs import JobStep
from host.machine import Machine

_SUFFIXES = ("automount", "mount")
Units = Mapping[str, FileContent | None]


class MountsPart:
    """See host.parts.Part."""

    name = "mounts"
    title = "Mounts"
    rank = 130

    def plan(
        self, wanted: HostDocument, current: HostDocument | None, machine: Machine
    ) -> PartPlan:
        """Compare every unit of ours, and every plain directory."""
        files = mount_units(wanted.storage)
        changes: list[Change] = []
        steps: list[JobStep] = []
        for where in dict.fromkeys((*_paths_of_ours(machine), *_wanted_paths(wanted))):
            units = {
                unit: files.get(f"{UNIT_DIRECTORY}/{unit}")
                for unit in (unit_name(where, suffix) for suffix in _SUFFIXES)
            }
            if _is_as_wanted(units, machine):
                continue
            _refuse_foreign(where, units, machine)
            changes.append(self._change(where, units, wanted, machine))
            steps.append(_step(where, units, machine))
        for mount in wanted.storage.mounts:
            if not is_mounted(mount) and not machine.storage.mounts.exists(mount.path):
                changes.append(Change(self.name, f"Directory {mount.path}: make it"))
                steps.append(_directory_step(mount.path, machine))
        return PartPlan(tuple(changes), tuple(steps))

    def undo(self, step: str, found: dict[str, Any], machine: Machine) -> None:
        """Put the units back, and mount what was mounted."""
        if "files" not in found:  # a directory that was made may stay
            return
        mounts = machine.storage.mounts
        before = {path: FileContent(**c) if c else None for path, c in found["files"].items()}
        for unit in before:
            mounts.stop(unit)
            mounts.disable(unit)
        for unit, content in before.items():
            machine.files.put(f"{UNIT_DIRECTORY}/{unit}", content)
        mounts.reload()
        for unit in found["enabled"]:
            mounts.enable(unit)
        for unit in found["running"]:
            mounts.start(unit)

    def _change(self, where: str, units: Units, wanted: HostDocument, machine: Machine) -> Change:
        unit = unit_name(where)
        now, new = _read(unit, machine), units[unit]
        if new is None:
            return Change(self.name, f"{where}: unmount it, now and at every boot", "service")
        mount = next(m for m in wanted.storage.all_mounts() if m.path == where)
        details = f"What={_keys(new)['What']}\nOptions={_keys(new)['Options']}"
        if now is None:
            words = f"{where}: mount {_keys(new)['What']} ({mount.purpose}), now and at every boot"
            return Change(self.name, words, "none", details)
        if _needs_remount(now, new):
            return Change(self.name, f"{where}: mount it again, differently", "service", details)
        return Change(self.name, f"{where}: change its unit; it stays mounted", "none", details)


def _wanted_paths(document: HostDocument) -> list[str]:
    return [mount.path for mount in document.storage.all_mounts() if is_mounted(mount)]


def _paths_of_ours(machine: Machine) -> list[str]:
    """The mount points of the units that were written from a document, deepest first."""
    found = []
    for name in machine.files.folder(UNIT_DIRECTORY):
        content = _read(name, machine) if name.endswith(".mount") else None
        if content is not None and content.text.startswith(UNIT_MARK):
            found.append(_keys(content).get("Where", ""))
    return sorted(filter(None, found), key=lambda path: -path.count("/"))


def _read(unit: str, machine: Machine) -> FileContent | None:
    return machine.files.read(f"{UNIT_DIRECTORY}/{unit}")


def _keys(content: FileContent) -> dict[str, str]:
    pairs = (line.partition("=") for line in content.text.splitlines())
    return {key: value for key, equals, value in pairs if equals}


def _started(units: Units) -> str | None:
    """The unit that is started at boot: the automount where there is one."""
    return next((unit for unit, content in units.items() if content is not None), None)


def _is_as_wanted(units: Units, machine: Machine) -> bool:
    for unit, content in units.items():
        now = _read(unit, machine)
        if (now is None) != (content is None):
            return False
        if now is not None and content is not None and now.text != content.text:
            return False
    started = _started(units)
    return started is None or machine.storage.mounts.is_enabled(started)


def _needs_remount(now: FileContent, new: FileContent) -> bool:
    decisive = ("What", "Type", "Options")
    return [_keys(now).get(k) for k in decisive] != [_keys(new).get(k) for k in decisive]


def _refuse_foreign(where: str, units: Units, machine: Machine) -> None:
    """Raise Failure where something that no document wrote is mounted already."""
    new = units[unit_name(where)]
    if new is None or _read(unit_name(where), machine) is not None:
        return
    for mounted in machine.storage.mounts.table():
        if mounted.path == where and mounted.source != _keys(new)["What"]:
            raise Failure(
                f"On {where}, {mounted.source} is mounted already, and not by this document.",
                "Choose another mount point, or unmount that one (see /etc/fstab).",
            )


def _step(where: str, units: Units, machine: Machine) -> JobStep:
    mounts = machine.storage.mounts

    def running() -> list[str]:
        table = mounts.table()
        automatic = any(m.path == where and m.filesystem == "autofs" for m in table)
        mounted = any(m.path == where and m.filesystem != "autofs" for m in table)
        found = {unit_name(where, "automount"): automatic, unit_name(where): mounted}
        return [unit for unit, runs in found.items() if runs and unit in units]

    def is_done() -> bool:
        started = _started(units)
        return _is_as_wanted(units, machine) and (
            not running() if started is None else started in running()
        )

    def capture() -> dict[str, Any]:
        return {
            "files": captured({unit: _read(unit, machine) for unit in units}),
            "enabled": [unit for unit in units if mounts.is_enabled(unit)],
            "running": running(),
        }

    def do() -> None:
        now, new = _read(unit_name(where), machine), units[unit_name(where)]
        if now is None or new is None or _needs_remount(now, new) or _changes_kind(units, machine):
            for unit in units:
                mounts.stop(unit)
                mounts.disable(unit)
        for unit, content in units.items():
            machine.files.put(f"{UNIT_DIRECTORY}/{unit}", content)
        mounts.reload()
        started = _started(units)
        if started is not None:
            mounts.make_directory(where)
            mounts.enable(started)
            mounts.start(started)

    name = f"mounts{where}"
    return JobStep(
        name=name,
        title=f"Mount on {where}" if _started(units) else f"Unmount {where}",
        is_done=is_done,
        capture=capture,
        do=do,
        undo=lambda found: PART.undo(name, found, machine),
    )


def _changes_kind(units: Units, machine: Machine) -> bool:
    """Whether it becomes an automount, or ceases to be one."""
    return any(
        (_read(unit, machine) is None) != (content is None) for unit, content in units.items()
    )


def _directory_step(path: str, machine: Machine) -> JobStep:
    name = f"mounts{path}"
    return JobStep(
        name=name,
        title=f"Directory {path}",
        is_done=lambda: machine.storage.mounts.exists(path),
        capture=dict,
        do=lambda: machine.storage.mounts.make_directory(path),
        undo=lambda found: PART.undo(name, found, machine),
    )


PART = MountsPart()
