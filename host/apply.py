"""Carrying out a plan as a job: the steps of each part of the document, the document itself last.

Until its last step the old document stays in force: whatever interrupts the job, the next boot
makes the host what the document on disk says.
"""

from __future__ import annotations

from typing import Any

from host.document.model import HostDocument
from host.document.system_files import FileContent
from host.document.writing import document_text
from host.files_part import captured
from host.in_force import DOCUMENT_FILE
from host.jobs import JobStep
from host.machine import Machine
from host.plan import Plan

_DOCUMENT_STEP = "document"


def steps_of(plan: Plan, machine: Machine) -> tuple[JobStep, ...]:
    """The steps that carry out ``plan``."""
    if plan.document_changes:
        return (*plan.steps, document_step(plan.document, machine))
    return plan.steps


def undo_step(step: str, found: dict[str, Any], machine: Machine) -> None:
    """Put back what ``step`` had found, knowing no more than its journal."""
    if step == _DOCUMENT_STEP:
        _put_back(found, machine)
        return
    from host.parts import part_of_step

    part_of_step(step).undo(step, found, machine)


def document_step(document: HostDocument, machine: Machine) -> JobStep:
    """The last step of a job: from then on the document is the one in force."""
    text = FileContent(document_text(document), 0o600)
    return JobStep(
        name=_DOCUMENT_STEP,
        title="Keep the host document",
        is_done=lambda: machine.files.read(DOCUMENT_FILE) == text,
        capture=lambda: captured({DOCUMENT_FILE: machine.files.read(DOCUMENT_FILE)}),
        do=lambda: machine.files.put(DOCUMENT_FILE, text),
        undo=lambda found: _put_back(found, machine),
    )


def _put_back(found: dict[str, Any], machine: Machine) -> None:
    for path, content in found.items():
        machine.files.put(path, FileContent(**content) if content else None)
