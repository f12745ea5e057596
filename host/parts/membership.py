"""The platform the host belongs to: where its Agent dials, and whether it runs."""

from __future__ import annotations

from host.document.model import HostDocument
from host.files_part import Contents, FilesPart
from host.machine import Machine
from host.membership_files import AGENT_SERVICE, MANAGER_FILE, manager_file


def _files(document: HostDocument, machine: Machine) -> Contents:
    return {MANAGER_FILE: manager_file(document.membership)}


def _is_active(document: HostDocument, machine: Machine) -> bool:
    return machine.services.is_enabled(AGENT_SERVICE) == (document.membership is not None)


def _activate(document: HostDocument, machine: Machine, _changed: tuple[str, ...]) -> None:
    services = machine.services
    if document.membership is None:
        services.disable(AGENT_SERVICE)
    elif not (services.is_enabled(AGENT_SERVICE) and services.is_running(AGENT_SERVICE)):
        # One that runs reads where the Manager is by itself, and may be who applies this.
        services.enable(AGENT_SERVICE)


PART = FilesPart(
    name="membership",
    title="Platform",
    rank=95,
    files=_files,
    is_active=_is_active,
    activate=_activate,
    subject=lambda path: "Where the Manager is",
)
