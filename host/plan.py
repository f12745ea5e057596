"""From a document to a plan: what would change, in words, in order, with its risks.

The plan compares what the document stands for with what is on the machine, so it also shows what
somebody changed by hand. Nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from difflib import unified_diff
from typing import Any, Literal, Protocol

from foundation.failure import Failure
from host.document.model import HostDocument
from host.document.system_files import (
    PROFILE_DIRECTORY,
    FileContent,
    files_of,
    is_profile_of_ours,
)
from host.document.writing import document_text

Risk = Literal["none", "service", "connection"]
PartName = Literal["identity", "keyboard", "time", "ssh", "network"]


class Machine(Protocol):
    """What planning and applying need of a machine; files are named relative to its root."""

    places: Mapping[str, str]

    def permanent_macs(self) -> Mapping[str, str]:
        """Permanent MAC address of every wired port by name."""

    def file(self, path: str) -> FileContent | None:
        """What is at ``path`` now; None when there is nothing."""

    def put_file(self, path: str, content: FileContent | None) -> None:
        """Replace the file atomically; None removes it."""

    def folder(self, path: str) -> tuple[str, ...]:
        """The names in a folder, none if it does not exist."""

    def is_active(self, part: PartName, document: HostDocument) -> bool:
        """Whether the running system is as the document says, files apart."""

    def activate(self, part: PartName, document: HostDocument, changed: tuple[str, ...]) -> None:
        """Make the running system follow the files of ``part``, of which ``changed`` are new."""


@dataclass(frozen=True)
class Part:
    """A share of the document that is applied in one go; ``owns`` tells its files."""

    name: PartName
    title: str
    risk: Risk
    owns: Callable[[str], bool]


_IDENTITY = ("etc/hostname", "etc/locale.conf")
_KEYBOARD = ("etc/vconsole.conf", "etc/default/keyboard")

PARTS: tuple[Part, ...] = (
    Part("identity", "Name and language", "none", lambda p: p in _IDENTITY),
    Part("keyboard", "Keyboard", "none", lambda p: p in _KEYBOARD),
    Part(
        "time",
        "Time",
        "service",
        lambda p: p in ("etc/localtime", "etc/adjtime") or p.endswith(".sources"),
    ),
    Part("ssh", "SSH server", "service", lambda p: p.endswith("10-flexvdi.conf")),
    Part("network", "Network", "connection", lambda p: p.startswith("etc/NetworkManager/")),
)
"""In the order in which they are applied: what can cut the connection comes last."""


@dataclass(frozen=True)
class Change:
    """One change, in words. ``details`` is a diff where there is one to read."""

    part: PartName
    summary: str
    risk: Risk = "none"
    details: str = ""


@dataclass(frozen=True)
class Plan:
    """The changes in their order; ``files`` are the contents to come (None: to be removed)."""

    document: HostDocument
    changes: tuple[Change, ...]
    files: Mapping[PartName, Mapping[str, FileContent | None]]
    document_changes: bool

    @property
    def is_empty(self) -> bool:
        """Whether the host is already as the document says."""
        return not self.changes and not self.document_changes

    @property
    def risks(self) -> tuple[str, ...]:
        """What a person should know before saying yes."""
        risks = {change.risk for change in self.changes}
        return tuple(words for risk, words in _RISK_IN_WORDS.items() if risk in risks)

    def as_dict(self) -> dict[str, Any]:
        """Changes and risks as JSON-ready values."""
        return {"changes": [asdict(change) for change in self.changes], "risks": list(self.risks)}


_RISK_IN_WORDS: Mapping[Risk, str] = {
    "connection": "Network connections of this host, yours included, may be cut.",
    "service": "Services of this host are reloaded.",
}


def make_plan(document: HostDocument, machine: Machine, current: HostDocument | None) -> Plan:
    """What it takes to make ``machine`` as ``document`` says.

    ``current`` is the document in force, None when there is none or it cannot be read.
    """
    wanted = files_of(document, machine.places, machine.permanent_macs())
    surplus: dict[str, FileContent | None] = {
        path: None
        for name in machine.folder(PROFILE_DIRECTORY)
        if is_profile_of_ours(name) and (path := f"{PROFILE_DIRECTORY}/{name}") not in wanted
    }
    if document.time.utc and "LOCAL" in _text(machine.file("etc/adjtime")).split():
        surplus["etc/adjtime"] = None
    files: dict[PartName, dict[str, FileContent | None]] = {}
    changes: list[Change] = []
    for part in PARTS:
        ours: dict[str, FileContent | None] = {
            path: content
            for path, content in (surplus | wanted).items()
            if part.owns(path) and not _same(path, machine.file(path), content)
        }
        if ours:
            files[part.name] = ours
            changes += [_change(part, path, machine.file(path), new) for path, new in ours.items()]
        elif not _is_active(machine, part.name, document):
            files[part.name] = {}
            changes.append(
                Change(part.name, f"{part.title}: bring the running system in line", part.risk)
            )
    before = document_text(current) if current is not None else ""
    return Plan(document, tuple(changes), files, before != document_text(document))


def _is_active(machine: Machine, part: PartName, document: HostDocument) -> bool:
    try:
        return machine.is_active(part, document)
    except Failure:  # a service that does not answer; applying will say so
        return False


def _same(path: str, now: FileContent | None, wanted: FileContent | None) -> bool:
    if now is None or wanted is None:
        return now is wanted
    if path == "etc/adjtime":  # its first lines belong to hwclock
        return now.text.split()[-1:] == wanted.text.split()[-1:]
    if wanted.link is not None or now.link is not None:
        return _link(now) == _link(wanted)
    return now.text == wanted.text and now.mode == wanted.mode


def _link(content: FileContent) -> str:
    return (content.link or "").removeprefix("..").removeprefix("/")


def _text(content: FileContent | None) -> str:
    return content.text if content is not None else ""


def _change(part: Part, path: str, now: FileContent | None, new: FileContent | None) -> Change:
    before, after = _shown(now), _shown(new)
    if path in _ONE_LINE and new is not None:
        old = before.strip() or "none"
        return Change(part.name, f"{_ONE_LINE[path]}: {old} -> {after.strip()}", part.risk)
    subject = path.rpartition("/")[2]
    if part.name == "network" and path.startswith(PROFILE_DIRECTORY):
        interface = subject.removeprefix("flexvdi-").removesuffix(".nmconnection")
        subject = f"Interface {interface}"
    else:
        subject = f"{part.title}, {subject}"
    verb = "add" if now is None else "remove" if new is None else "change"
    diff = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    lines = [line for line in diff if not line.startswith(("---", "+++", "@@"))]
    return Change(part.name, f"{subject}: {verb}", part.risk, "\n".join(lines))


_ONE_LINE: Mapping[str, str] = {
    "etc/hostname": "Host name",
    "etc/localtime": "Time zone",
    "etc/locale.conf": "Language",
}


def _shown(content: FileContent | None) -> str:
    if content is None:
        return ""
    if content.link is not None:
        return content.link.partition("zoneinfo/")[2] or content.link
    return content.text.removeprefix("LANG=")
