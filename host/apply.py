"""Carrying out a plan as a job: one step for each part of the document, the document itself last.

Until its last step the old document stays in force: whatever interrupts the job, the next boot
makes the host what the document on disk says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from foundation.failure import Failure
from host.document.model import HostDocument
from host.document.reading import parse_document
from host.document.system_files import FileContent
from host.document.writing import document_text
from host.jobs import JobStep
from host.plan import PARTS, Machine, Part, Plan

DOCUMENT_FILE = "etc/flexvdi/host.yaml"


def steps_of(plan: Plan, machine: Machine) -> tuple[JobStep, ...]:
    """The steps that carry out ``plan``."""
    steps = [
        _part_step(part, plan.files[part.name], plan.document, machine)
        for part in PARTS
        if part.name in plan.files
    ]
    if plan.document_changes:
        steps.append(_document_step(plan.document, machine))
    return tuple(steps)


def steps_for_undoing(machine: Machine) -> tuple[JobStep, ...]:
    """The steps that a journal may name, good for putting back what it recorded."""
    document = HostDocument()
    steps = [_part_step(part, {}, document, machine) for part in PARTS]
    return (*steps, _document_step(document, machine))


def _document_step(document: HostDocument, machine: Machine) -> JobStep:
    text = FileContent(document_text(document), 0o600)
    return JobStep(
        name="document",
        title="Keep the host document",
        is_done=lambda: machine.file(DOCUMENT_FILE) == text,
        capture=lambda: _captured({DOCUMENT_FILE: machine.file(DOCUMENT_FILE)}),
        do=lambda: machine.put_file(DOCUMENT_FILE, text),
        undo=lambda found: _put_back(machine, found),
    )


def _part_step(
    part: Part,
    files: Mapping[str, FileContent | None],
    document: HostDocument,
    machine: Machine,
) -> JobStep:
    changed = tuple(files)

    def is_done() -> bool:
        return all(
            machine.file(path) == content for path, content in files.items()
        ) and machine.is_active(part.name, document)

    def do() -> None:
        for path, content in files.items():
            machine.put_file(path, content)
        machine.activate(part.name, document, changed)

    def undo(found: dict[str, Any]) -> None:
        _put_back(machine, found)
        machine.activate(part.name, _in_force(machine), tuple(found))

    return JobStep(
        name=part.name,
        title=part.title,
        is_done=is_done,
        capture=lambda: _captured({path: machine.file(path) for path in files}),
        do=do,
        undo=undo,
    )


def _in_force(machine: Machine) -> HostDocument:
    """The document that undoing returns to: the document file was put back before the parts."""
    content = machine.file(DOCUMENT_FILE)
    try:
        return parse_document(content.text, f"/{DOCUMENT_FILE}") if content else HostDocument()
    except Failure:
        return HostDocument()


def _captured(files: Mapping[str, FileContent | None]) -> dict[str, Any]:
    return {path: asdict(content) if content else None for path, content in files.items()}


def _put_back(machine: Machine, found: Mapping[str, Any]) -> None:
    for path, content in found.items():
        machine.put_file(path, FileContent(**content) if content else None)


def file_at(path: Path) -> FileContent | None:
    """What is at ``path`` as a FileContent; bytes that are no text are kept by escapes."""
    if path.is_symlink():
        return FileContent(link=str(path.readlink()))
    try:
        text = path.read_text(errors="surrogateescape")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    return FileContent(text, path.stat().st_mode & 0o7777)
