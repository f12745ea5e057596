"""Planning, applying, resuming and rolling back, the same for every kind of machine."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

from foundation.failure import Failure
from host.apply import steps_of, undo_step
from host.audit import Actor, record
from host.document.model import HostDocument
from host.document.reading import parse_document
from host.document.writing import document_text
from host.in_force import document_if_any, read_current
from host.jobs import JobEvent, JobRecord, Jobs
from host.machine import Machine
from host.plan import Plan, make_plan


def plan_for(machine: Machine, document: HostDocument) -> Plan:
    """The plan that leads ``machine`` to ``document``."""
    return make_plan(document, machine, document_if_any(machine.files))


def apply_document(
    machine: Machine,
    jobs: Jobs,
    document: HostDocument,
    actor: Actor,
    on_event: Callable[[JobEvent], None] = lambda event: None,
    cancel: Event | None = None,
    title: str = "Apply the host document",
    erase: tuple[str, ...] = (),
) -> JobRecord | None:
    """Plan and carry out; None when nothing is to be done. Leaves one audit record.

    ``erase`` names the disks and volumes whose content may be lost; a plan that would erase
    anything else, or not all of them, is refused.
    """
    plan = plan_for(machine, document)
    if plan.is_empty:
        return None
    _check_erased(plan, erase)
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


def _check_erased(plan: Plan, erase: tuple[str, ...]) -> None:
    missing = [name for name in plan.erases if name not in erase]
    if missing:
        names = " ".join(f"--erase {name}" for name in missing)
        raise Failure(
            f"This would erase {', '.join(missing)}, which nobody has agreed to.",
            f"If you mean it, name what may be erased: {names}.",
        )
    surplus = [name for name in erase if name not in plan.erases]
    if surplus:
        raise Failure(
            f"Nothing would be erased on {', '.join(surplus)}.",
            "The plan is not what you expected; look at it again.",
        )


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
    result = jobs.rollback(job, lambda step, found: undo_step(step, found, machine))
    record(actor, "rollback", "done", f"Job {job} was rolled back.", job=job)
    return result


def apply_at_boot(machine: Machine, jobs: Jobs, actor: Actor) -> JobRecord | None:
    """Roll back what was interrupted, then bring the machine in line with its document."""
    for known in jobs.records():
        if known.state == "interrupted":
            rollback_job(machine, jobs, known.id, actor)
    document = read_current(machine.files)
    return apply_document(machine, jobs, document, actor, title="Apply the host document at boot")
