"""Time zone, hardware clock, and the servers that chrony follows."""

from __future__ import annotations

from host.document.model import HostDocument
from host.document.system_files import ADJTIME, FileContent, time_files
from host.files_part import Contents, FilesPart, same_content
from host.machine import Machine


def _files(document: HostDocument, machine: Machine) -> Contents:
    files: dict[str, FileContent | None] = dict(time_files(document.time, machine.places))
    now = machine.files.read(ADJTIME)
    if document.time.utc and now is not None and "LOCAL" in now.text.split():
        files[ADJTIME] = None
    return files


def _same(path: str, now: FileContent, wanted: FileContent) -> bool:
    if path == ADJTIME:  # its first lines belong to hwclock
        return now.text.split()[-1:] == wanted.text.split()[-1:]
    return same_content(path, now, wanted)


def _is_active(document: HostDocument, machine: Machine) -> bool:
    return machine.clock.timezone() == document.time.timezone


def _activate(document: HostDocument, machine: Machine, _changed: tuple[str, ...]) -> None:
    machine.clock.set_timezone(document.time.timezone)
    machine.clock.set_hardware_clock(document.time.utc)
    machine.clock.reload_sources()


PART = FilesPart(
    name="time",
    title="Time",
    rank=30,
    risk="service",
    files=_files,
    same=_same,
    is_active=_is_active,
    activate=_activate,
    one_line={"etc/localtime": "Time zone"},
    subject=lambda path: f"Time, {path.rpartition('/')[2]}",
)
