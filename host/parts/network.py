"""The network, as NetworkManager's profiles.

Profiles of others are left alone, unless the document says that they go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from host.change import Change, PartPlan
from host.document.model import HostDocument
from host.document.network import Network, management_path
from host.document.system_files import (
    PROFILE_DIRECTORY,
    FileContent,
    is_profile_of_ours,
    network_files,
)
from host.files_part import Contents, FilesPart
from host.machine import Machine
from host.network_profiles_found import is_network_profile
from host.staged_network import (
    KEEP_STEP,
    LET_GO_STEP,
    STAGE_STEP,
    put_back_kept,
    undo_staging,
)

NO_MANAGEMENT_PATH = "no-management-path"
"""What a person acknowledges who leaves the host without a way to reach it."""


def _files(document: HostDocument, machine: Machine) -> Contents:
    wanted: dict[str, FileContent | None] = dict(
        network_files(document.network, machine.network.permanent_macs())
    )
    for name in machine.files.folder(PROFILE_DIRECTORY):
        path = f"{PROFILE_DIRECTORY}/{name}"
        if is_profile_of_ours(name) or (
            document.network.foreign_profiles == "remove" and _is_network_profile(path, machine)
        ):
            wanted.setdefault(path, None)
    return wanted


def _is_network_profile(path: str, machine: Machine) -> bool:
    content = machine.files.read(path)
    return content is not None and is_network_profile(content.text)


def _is_active(document: HostDocument, machine: Machine) -> bool:
    return machine.network.knows_profiles(document.network)


def _activate(document: HostDocument, machine: Machine, changed: tuple[str, ...]) -> None:
    machine.network.load_and_activate(document.network, changed)


def _subject(path: str) -> str:
    name = path.rpartition("/")[2]
    if not path.startswith(PROFILE_DIRECTORY):
        return f"Network, {name}"
    if not is_profile_of_ours(name):
        return f"Profile {name.removesuffix('.nmconnection')} of somebody else"
    return f"Interface {name.removeprefix('flexvdi-').removesuffix('.nmconnection')}"


_FILES = FilesPart(
    name="network",
    title="Network",
    rank=150,
    risk="connection",
    files=_files,
    is_active=_is_active,
    activate=_activate,
    subject=_subject,
    secret=lambda path: not is_profile_of_ours(path.rpartition("/")[2]),
)


class NetworkPart:
    """See host.parts.Part."""

    name = _FILES.name
    title = _FILES.title
    rank = _FILES.rank

    def plan(
        self, wanted: HostDocument, current: HostDocument | None, machine: Machine
    ) -> PartPlan:
        """The profiles that differ, and what the difference means for whoever is connected."""
        plan = _FILES.plan(wanted, current, machine)
        before = current.network if current is not None else None
        lost = _lost_path(wanted.network, before)
        changes = (*([lost] if lost is not None and plan.changes else []), *plan.changes)
        return PartPlan(changes, plan.steps, _notes(wanted.network, machine))

    def undo(self, step: str, found: dict[str, Any], machine: Machine) -> None:
        """Of a network that was being tried out, or of one applied at once."""
        undo = _UNDO.get(step)
        if undo is not None:
            undo(found, machine)
        else:
            _FILES.undo(step, found, machine)


def changed_files(document: HostDocument, machine: Machine) -> Contents:
    """The network's files that are not as ``document`` says, with what they are to be."""
    return {
        path: content
        for path, content in _files(document, machine).items()
        if machine.files.read(path) != content
    }


def _lost_path(wanted: Network, before: Network | None) -> Change | None:
    if management_path(wanted) is not None:
        return None
    if before is not None and management_path(before) is None:  # that was acknowledged then
        return None
    if wanted.management is not None:
        words = f"The management interface {wanted.management} is left without a usable address"
    else:
        words = "No interface is left by which this host can be reached"
    return Change("network", words, "connection", acknowledge=NO_MANAGEMENT_PATH)


def _notes(wanted: Network, machine: Machine) -> tuple[str, ...]:
    if wanted.foreign_profiles == "remove":
        return ()
    names = [
        name.removesuffix(".nmconnection")
        for name in machine.files.folder(PROFILE_DIRECTORY)
        if not is_profile_of_ours(name)
        and _is_network_profile(f"{PROFILE_DIRECTORY}/{name}", machine)
    ]
    if not names:
        return ()
    return (
        f"NetworkManager has profiles that are not of this document, which stay: "
        f"{', '.join(names)}. `flexvdi-config network profiles` shows them.",
    )


def _nothing(_found: Mapping[str, Any], _machine: Machine) -> None:
    return


_UNDO = {STAGE_STEP: undo_staging, KEEP_STEP: put_back_kept, LET_GO_STEP: _nothing}

PART = NetworkPart()
