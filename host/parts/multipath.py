"""Multipath: multipathd's settings, in a file of their own, and whether it runs."""

from __future__ import annotations

from host.document.model import HostDocument
from host.document.storage_files import (
    MULTIPATH_DROP_IN,
    MULTIPATH_MAIN,
    UNIT_MARK,
    multipath_files,
)
from host.files_part import Contents, FilesPart
from host.machine import Machine


def _files(document: HostDocument, machine: Machine) -> Contents:
    main = machine.files.read(MULTIPATH_MAIN)
    is_ours = main is not None and main.text.startswith(UNIT_MARK)
    wanted = multipath_files(document.storage.multipath, main is not None and not is_ours)
    absent = {MULTIPATH_DROP_IN: None, **({MULTIPATH_MAIN: None} if is_ours else {})}
    return {**absent, **wanted}


def _is_active(document: HostDocument, machine: Machine) -> bool:
    return not document.storage.multipath.enabled or machine.storage.multipath.runs()


def _activate(document: HostDocument, machine: Machine, _changed: tuple[str, ...]) -> None:
    if document.storage.multipath.enabled:
        machine.services.enable("multipath")
        machine.storage.multipath.reconfigure()
    elif machine.files.read(MULTIPATH_MAIN) is None:
        machine.services.disable("multipath")
    else:  # somebody else's settings keep it running, without ours
        machine.storage.multipath.reconfigure()


PART = FilesPart(
    name="multipath",
    title="Multipath",
    rank=100,
    risk="service",
    files=_files,
    is_active=_is_active,
    activate=_activate,
    subject=lambda path: "Multipath settings" if path == MULTIPATH_DROP_IN else f"/{path}",
)
