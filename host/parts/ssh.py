"""The SSH server: whether it runs, and whether it takes passwords."""

from __future__ import annotations

from host.document.model import HostDocument
from host.document.system_files import ssh_files
from host.files_part import Contents, FilesPart
from host.machine import Machine


def _files(document: HostDocument, machine: Machine) -> Contents:
    return ssh_files(document.access, machine.places)


def _is_active(document: HostDocument, machine: Machine) -> bool:
    return machine.services.is_enabled("ssh") == document.access.ssh


def _activate(document: HostDocument, machine: Machine, _changed: tuple[str, ...]) -> None:
    if document.access.ssh:
        machine.services.enable("ssh")
    else:
        machine.services.disable("ssh")


PART = FilesPart(
    name="ssh",
    title="SSH server",
    rank=40,
    risk="service",
    files=_files,
    is_active=_is_active,
    activate=_activate,
    subject=lambda _path: "SSH server",
)
