"""Dumps of a crashed kernel. Memory is set aside by the kernel line, so from the next boot on."""

from __future__ import annotations

from host.document.crash_dump import ARGUMENT_FILES, crash_dump_files, with_crashkernel
from host.document.model import HostDocument
from host.document.system_files import FileContent
from host.files_part import Contents, FilesPart
from host.machine import Machine

_SERVICE = "kdump"


def _files(document: HostDocument, machine: Machine) -> Contents:
    files: dict[str, FileContent | None] = dict(
        crash_dump_files(document.crash_dump, machine.places)
    )
    for path in ARGUMENT_FILES:
        now = machine.files.read(path)
        if now is not None:
            files[path] = FileContent(with_crashkernel(now.text, document.crash_dump), now.mode)
    return files


def _is_active(document: HostDocument, machine: Machine) -> bool:
    return machine.services.is_enabled(_SERVICE) == document.crash_dump.enabled


def _activate(document: HostDocument, machine: Machine, _changed: tuple[str, ...]) -> None:
    if not document.crash_dump.enabled:
        machine.services.disable(_SERVICE)
    elif machine.crash.reserved():
        machine.services.enable(_SERVICE)
        machine.services.restart(_SERVICE)
    else:  # it can only be started once the memory is there
        machine.services.enable_at_boot(_SERVICE)


def _subject(path: str) -> str:
    if path in ARGUMENT_FILES:
        return f"Kernel line of slot {path.split('/')[1]} (from the next boot on)"
    return "Crash dump"


PART = FilesPart(
    name="crash_dump",
    title="Crash dump",
    rank=90,
    files=_files,
    is_active=_is_active,
    activate=_activate,
    subject=_subject,
)
