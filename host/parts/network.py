"""The network, as NetworkManager's profiles. Profiles of others are left alone."""

from __future__ import annotations

from host.document.model import HostDocument
from host.document.system_files import (
    PROFILE_DIRECTORY,
    FileContent,
    is_profile_of_ours,
    network_files,
)
from host.files_part import Contents, FilesPart
from host.machine import Machine


def _files(document: HostDocument, machine: Machine) -> Contents:
    wanted: dict[str, FileContent | None] = dict(
        network_files(document.network, machine.network.permanent_macs())
    )
    for name in machine.files.folder(PROFILE_DIRECTORY):
        if is_profile_of_ours(name):
            wanted.setdefault(f"{PROFILE_DIRECTORY}/{name}", None)
    return wanted


def _is_active(document: HostDocument, machine: Machine) -> bool:
    return machine.network.knows_profiles(document.network)


def _activate(document: HostDocument, machine: Machine, changed: tuple[str, ...]) -> None:
    machine.network.load_and_activate(document.network, changed)


def _subject(path: str) -> str:
    name = path.rpartition("/")[2]
    if not path.startswith(PROFILE_DIRECTORY):
        return f"Network, {name}"
    return f"Interface {name.removeprefix('flexvdi-').removesuffix('.nmconnection')}"


PART = FilesPart(
    name="network",
    title="Network",
    rank=150,
    risk="connection",
    files=_files,
    is_active=_is_active,
    activate=_activate,
    subject=_subject,
)
