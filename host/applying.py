"""Planning, applying, resuming and rolling back, the same for every kind of machine."""

from __future__ import annotations

from collections.abc import Callable
from difflib import unified_diff
from threading import Event
from typing import Any

from foundation.failure import Failure
from host.apply import steps_of, undo_step
from host.audit import Actor, record
from host.confirming import (
    check_timeout,
    facts_of,
    refuse_while_pending,
    revert_expired,
    run_unconfirmed,
)
from host.document.model import HostDocument
from host.document.reading import parse_document
from host.document.writing import document_text
from host.in_force import document_if_any, read_current
from host.jobs import HOST_LANE, JobEvent, JobRecord, Jobs
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
    confirm_timeout: int | None = None,
    acknowledge: tuple[str, ...] | None = (),
    verb: str = "apply",
) -> JobRecord | None:
    """Plan and carry out; None when nothing is to be done. Leaves one audit record.

    ``verb`` is the command that does the same. ``erase`` names the disks and volumes whose
    content may be lost; a plan that would erase anything else, or not all of them, is refused. So
    is one with a risk that ``acknowledge`` does not name; None stands for all of them. With
    ``confirm_timeout`` a plan that may cut connections is left unconfirmed (host.confirming).
    """
    if confirm_timeout is not None:
        check_timeout(confirm_timeout)
    refuse_while_pending(jobs)
    _refuse_while_interrupted(jobs)
    current = document_if_any(machine.files)
    plan = make_plan(document, machine, current)
    if plan.is_empty:
        return None
    _check_erased(plan, erase)
    if acknowledge is not None:
        _check_acknowledged(plan, acknowledge)
    timeout = confirm_timeout if plan.cuts_connections else None
    steps = steps_of(plan, machine)
    job = jobs.create(title, str(actor), steps, **facts_of(document, timeout))
    summary = "; ".join(change.summary for change in plan.changes) or "host document"
    facts = {"verb": verb, "diff": _difference(current, document), "job": job}
    try:
        if timeout is None:
            result = jobs.run(job, steps, on_event, cancel)
        else:
            result = run_unconfirmed(machine, jobs, job, plan, timeout, on_event, cancel)
    except Failure as failure:
        record(actor, "apply", "failed", f"Job {job} failed: {failure.cause}", **facts)
        failure.log = failure.log or f"flexvdi-config job show {job}"
        raise
    state = "done" if timeout is None else "unconfirmed"
    record(actor, "apply", state, f"Job {job}: {summary}", **facts)
    return result


def _difference(current: HostDocument | None, document: HostDocument) -> str:
    """What changes in the document, line by line, without secrets."""
    before = document_text(current, show_secrets=False) if current is not None else ""
    after = document_text(document, show_secrets=False)
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


def _refuse_while_interrupted(jobs: Jobs) -> None:
    """What an interrupted job had found must be put back before it is no longer true."""
    for known in jobs.records():
        if known.lane != HOST_LANE:
            continue
        if known.state == "interrupted" and jobs.has_leftovers(known.id):
            raise Failure(
                f"Job {known.id} ({known.title}) was interrupted and is half done.",
                f"Run `flexvdi-config job resume {known.id}` or "
                f"`flexvdi-config job rollback {known.id}` first.",
            )


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


def _check_acknowledged(plan: Plan, acknowledge: tuple[str, ...]) -> None:
    for change in plan.changes:
        if change.acknowledge and change.acknowledge not in acknowledge:
            raise Failure(
                f"{change.summary}.",
                f"If you mean it, say so: --acknowledge {change.acknowledge}.",
            )


def resume_job(
    machine: Machine,
    jobs: Jobs,
    job: str,
    actor: Actor,
    on_event: Callable[[JobEvent], None] = lambda event: None,
    cancel: Event | None = None,
) -> JobRecord | None:
    """Carry out what an interrupted job set out to do; it is put back first, then done anew."""
    facts: dict[str, Any] = jobs.facts(job)
    if "document" not in facts:
        raise Failure(
            f"Job {job} has ended; only interrupted jobs can be resumed.",
            "Apply the document again instead.",
        )
    document = parse_document(facts["document"], f"job {job}")
    rollback_job(machine, jobs, job, actor)
    title = f"Resume job {job}"
    return apply_document(
        machine,
        jobs,
        document,
        actor,
        on_event,
        cancel,
        title=title,
        confirm_timeout=facts.get("confirm_timeout"),
        acknowledge=None,
    )


def rollback_job(machine: Machine, jobs: Jobs, job: str, actor: Actor) -> JobRecord:
    """Put back what an interrupted or failed job changed."""
    state = jobs.record(job).state
    if state not in ("interrupted", "failed"):
        raise Failure(
            f"Job {job} is {state}; only interrupted and failed jobs can be rolled back.",
            "To return to an older document, apply it.",
        )
    if state == "failed" and not jobs.has_leftovers(job):
        raise Failure(f"Job {job} failed, and everything was put back then.", "Nothing is left.")
    result = jobs.rollback(job, lambda step, found: undo_step(step, found, machine))
    record(actor, "rollback", "done", f"Job {job} was rolled back.", job=job, verb="job rollback")
    return result


def apply_at_boot(machine: Machine, jobs: Jobs, actor: Actor) -> JobRecord | None:
    """Roll back what was interrupted, then bring the machine in line with its document."""
    revert_expired(machine, jobs, actor)
    for known in jobs.records():
        if known.state == "interrupted" and known.lane == HOST_LANE:
            rollback_job(machine, jobs, known.id, actor)
    document = read_current(machine.files)
    title = "Apply the host document at boot"
    return apply_document(machine, jobs, document, actor, title=title, acknowledge=None)
