"""Planning, applying, resuming and rolling back, the same for every kind of machine."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

from foundation.failure import Failure
from host.apply import DOCUMENT_FILE, steps_for_undoing, steps_of
from host.audit import Actor, record
from host.document.model import HostDocument
from host.document.reading import parse_document
from host.document.writing import document_text
from host.jobs import JobEvent, JobRecord, Jobs
from host.plan import Machine, Plan, make_plan


def read_current(machine: Machine) -> HostDocument:
    """The document in force on ``machine``; raises Failure when there is none or it is wrong."""
    content = machine.file(DOCUMENT_FILE)
    if content is None:
        raise Failure(
            f"/{DOCUMENT_FILE} is missing: this host has no host document.",
            "Write one with `flexvdi-config apply -f FILE`.",
        )
    return parse_document(content.text, f"/{DOCUMENT_FILE}")


def plan_for(machine: Machine, document: HostDocument) -> Plan:
    """The plan that leads ``machine`` to ``document``."""
    return make_plan(document, machine, _current_if_any(machine))


def apply_document(
    machine: Machine,
    jobs: Jobs,
    document: HostDocument,
    actor: Actor,
    on_event: Callable[[JobEvent], None] = lambda event: None,
    cancel: Event | None = None,
    title: str = "Apply the host document",
) -> JobRecord | None:
    """Plan and carry out; None when nothing is to be done. Leaves one audit record."""
    plan = plan_for(machine, document)
    if plan.is_empty:
        return None
    steps = steps_of(plan, machine)
    job = jobs.create(title, str(actor), steps, document=document_text(document))
    summary = "; ".join(change.summary for change in plan.changes) or "host document"
    try:
        result = jobs.run(job, steps, on_event, cancel)
    except Failure as failure:
        record(actor, "apply", "failed", f"Job {job} failed: {failure.cause}", job=job)
        failure.log = failure.log or f"flexvdi-config job show {job}"
        raise
    record(actor, "apply", "done", f"Job {job}: {summary}", job=job)
    return result


def resume_job(machine: Machine, jobs: Jobs, job: str, actor: Actor) -> JobRecord | None:
    """Carry out what an interrupted job set out to do; it is put back first, then done anew."""
    facts: dict[str, Any] = jobs.facts(job)
    document = parse_document(facts["document"], f"job {job}")
    rollback_job(machine, jobs, job, actor)
    return apply_document(machine, jobs, document, actor, title=f"Resume job {job}")


def rollback_job(machine: Machine, jobs: Jobs, job: str, actor: Actor) -> JobRecord:
    """Put back what an interrupted or failed job changed."""
    state = jobs.record(job).state
    if state not in ("interrupted", "failed"):
        raise Failure(
            f"Job {job} is {state}; only interrupted and failed jobs can be rolled back.",
            "To return to an older document, apply it.",
        )
    result = jobs.rollback(job, steps_for_undoing(machine))
    record(actor, "rollback", "done", f"Job {job} was rolled back.", job=job)
    return result


def apply_at_boot(machine: Machine, jobs: Jobs, actor: Actor) -> JobRecord | None:
    """Roll back what was interrupted, then bring the machine in line with its document."""
    for known in jobs.records():
        if known.state == "interrupted":
            rollback_job(machine, jobs, known.id, actor)
    document = read_current(machine)
    return apply_document(machine, jobs, document, actor, title="Apply the host document at boot")


def _current_if_any(machine: Machine) -> HostDocument | None:
    try:
        return read_current(machine)
    except Failure:
        return None
