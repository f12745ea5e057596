"""The host's name and the language of its console."""

from __future__ import annotations

from host.document.model import HostDocument
from host.document.system_files import identity_files
from host.files_part import Contents, FilesPart
from host.machine import Machine


def _files(document: HostDocument, _machine: Machine) -> Contents:
    return identity_files(document.identity)


def _is_active(document: HostDocument, machine: Machine) -> bool:
    return machine.hostname.names() == {document.identity.hostname}


def _activate(document: HostDocument, machine: Machine, _changed: tuple[str, ...]) -> None:
    machine.hostname.set_name(document.identity.hostname)


PART = FilesPart(
    name="identity",
    title="Name and language",
    rank=10,
    files=_files,
    is_active=_is_active,
    activate=_activate,
    one_line={"etc/hostname": "Host name", "etc/locale.conf": "Language"},
)
