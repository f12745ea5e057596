"""A ready-made part (host.parts.Part): some files, and a daemon that has to be told of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from difflib import unified_diff
from typing import Any

from foundation.failure import Failure
from host.change import Change, PartPlan, Risk
from host.document.model import HostDocument
from host.document.system_files import FileContent
from host.in_force import document_in_force
from host.jobs import JobStep
from host.machine import Machine

Contents = Mapping[str, FileContent | None]


def _is_active(_document: HostDocument, _machine: Machine) -> bool:
    return True


def _activate(_document: HostDocument, _machine: Machine, _changed: tuple[str, ...]) -> None:
    return


def _is_open(_path: str) -> bool:
    return False


def same_content(_path: str, now: FileContent, wanted: FileContent) -> bool:
    """Whether two files say the same; a link is the same however it climbs to the root."""
    if wanted.link is not None or now.link is not None:
        return _target(now) == _target(wanted)
    return now.text == wanted.text and now.mode == wanted.mode


def _target(content: FileContent) -> str:
    return (content.link or "").removeprefix("..").removeprefix("/")


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]


@dataclass(frozen=True)
class FilesPart:
    """A part whose share of the machine is files of ours.

    ``files`` tells what they are to be (None: absent). ``is_active`` tells whether the running
    system follows the document, files apart; ``activate`` makes it follow after the files named
    were changed. ``one_line`` names files that hold a single value, ``subject`` the others, for
    the words of a change; what a ``secret`` file holds is never shown.
    """

    name: str
    title: str
    rank: int
    files: Callable[[HostDocument, Machine], Contents]
    risk: Risk = "none"
    is_active: Callable[[HostDocument, Machine], bool] = _is_active
    activate: Callable[[HostDocument, Machine, tuple[str, ...]], None] = _activate
    same: Callable[[str, FileContent, FileContent], bool] = same_content
    one_line: Mapping[str, str] = field(default_factory=dict)
    subject: Callable[[str], str] = _file_name
    secret: Callable[[str], bool] = _is_open

    def plan(
        self, wanted: HostDocument, current: HostDocument | None, machine: Machine
    ) -> PartPlan:
        """See host.parts.Part."""
        contents = self.files(wanted, machine)
        found = {path: machine.files.read(path) for path in contents}
        changed = {
            path: content
            for path, content in contents.items()
            if not self._same(path, found[path], content)
        }
        if changed:
            changes = tuple(self._change(path, found[path], new) for path, new in changed.items())
        elif not self._seems_active(wanted, machine):
            words = f"{self.title}: bring the running system in line"
            changes = (Change(self.name, words, self.risk),)
        else:
            return PartPlan()
        return PartPlan(changes, (self._step(changed, wanted, machine),))

    def undo(self, step: str, found: dict[str, Any], machine: Machine) -> None:
        """See host.parts.Part: the files come back, and the daemon is told."""
        for path, content in found.items():
            machine.files.put(path, FileContent(**content) if content else None)
        # The document's file was put back before its parts.
        self.activate(document_in_force(machine.files), machine, tuple(found))

    def _step(self, files: Contents, document: HostDocument, machine: Machine) -> JobStep:
        def is_done() -> bool:
            return all(
                self._same(path, machine.files.read(path), content)
                for path, content in files.items()
            ) and self.is_active(document, machine)

        def do() -> None:
            for path, content in files.items():
                machine.files.put(path, content)
            self.activate(document, machine, tuple(files))

        return JobStep(
            name=self.name,
            title=self.title,
            is_done=is_done,
            capture=lambda: captured({path: machine.files.read(path) for path in files}),
            do=do,
            undo=lambda found: self.undo(self.name, found, machine),
        )

    def _seems_active(self, document: HostDocument, machine: Machine) -> bool:
        try:
            return self.is_active(document, machine)
        except Failure:  # a service that does not answer; applying will say so
            return False

    def _same(self, path: str, now: FileContent | None, wanted: FileContent | None) -> bool:
        if now is None or wanted is None:
            return now is wanted
        return self.same(path, now, wanted)

    def _change(self, path: str, now: FileContent | None, new: FileContent | None) -> Change:
        before, after = _shown(now), _shown(new)
        if path in self.one_line and new is not None:
            old = before.strip() or "none"
            summary = f"{self.one_line[path]}: {old} -> {after.strip()}"
            return Change(self.name, summary, self.risk)
        verb = "add" if now is None else "remove" if new is None else "change"
        lines: list[str] = []
        if not self.secret(path):
            diff = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
            lines = [line for line in diff if not line.startswith(("---", "+++", "@@"))]
        return Change(self.name, f"{self.subject(path)}: {verb}", self.risk, "\n".join(lines))


def captured(files: Contents) -> dict[str, Any]:
    """Files as JSON-ready values, for a journal."""
    return {path: asdict(content) if content else None for path, content in files.items()}


def _shown(content: FileContent | None) -> str:
    if content is None:
        return ""
    if content.link is not None:
        return content.link.partition("zoneinfo/")[2] or content.link
    return content.text.removeprefix("LANG=")
