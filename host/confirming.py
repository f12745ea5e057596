"""Changes that go back by themselves unless somebody confirms them.

Three nets hold, each where the ones before it fail: NetworkManager's checkpoint (our death), the
profiles below /run (a reboot, a power cut), and a guard process of systemd's that looks after the
time is over (NetworkManager's restart). What is pending stands in its job's journal, so any
process can ask for it, confirm it, or revert it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from foundation.failure import Failure
from host.api.network import PendingChange
from host.apply import document_step, undo_step
from host.audit import Actor, record
from host.document.model import HostDocument
from host.document.reading import parse_document
from host.document.writing import document_text
from host.jobs import JobEvent, JobRecord, Jobs, JobStep
from host.machine import Machine
from host.machine.network import Checkpoint
from host.parts.network import PART, changed_files
from host.plan import Plan
from host.staged_network import (
    LET_GO_STEP,
    STAGE_STEP,
    check_checkpoint,
    keep_step,
    stage_step,
)

SHORTEST_TIMEOUT = 5
LONGEST_TIMEOUT = 3600
_GUARD_AFTER = 3  # seconds that NetworkManager has for its own way back
_SECONDS_TO_KEEP = 60
_SEE_JOBS = "See `flexvdi-config job list`."
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def check_timeout(seconds: int) -> int:
    """A time to confirm in, in seconds; raises Failure when it is no use."""
    if not SHORTEST_TIMEOUT <= seconds <= LONGEST_TIMEOUT:
        raise Failure(
            f"{seconds} s is no time to confirm in.",
            f"Give {SHORTEST_TIMEOUT} to {LONGEST_TIMEOUT} seconds.",
        )
    return seconds


def run_unconfirmed(
    machine: Machine,
    jobs: Jobs,
    job: str,
    plan: Plan,
    timeout: int,
    on_event: Callable[[JobEvent], None],
    cancel: Event | None,
) -> JobRecord:
    """Carry out ``plan`` for the time being, as ``job``, and leave it waiting for confirmation."""
    steps = [_for_the_time_being(step, plan, machine, timeout) for step in plan.steps]
    if not any(step.name == STAGE_STEP for step in steps):
        machine.network.arm_guard(timeout + _SECONDS_TO_KEEP)

    def hold() -> dict[str, Any]:
        staged = _staged(jobs, job)
        if staged is not None:
            machine.network.extend_checkpoint(Checkpoint(**staged["checkpoint"]), timeout)
        machine.network.arm_guard(timeout + _GUARD_AFTER)
        return {
            "timeout": timeout,
            "until": _uptime() + timeout,
            "boot": _boot_id(),
            "changes": [change.summary for change in plan.changes],
        }

    try:
        return jobs.run(job, steps, on_event, cancel, hold=hold)
    except Failure:
        if jobs.is_put_back(job):
            machine.network.disarm_guard()
        raise


def _for_the_time_being(step: JobStep, plan: Plan, machine: Machine, timeout: int) -> JobStep:
    if step.name != PART.name:
        return step
    return stage_step(
        changed_files(plan.document, machine), plan.document.network, machine, timeout
    )


def pending_change(machine: Machine, jobs: Jobs) -> PendingChange | None:
    """What waits for its confirmation."""
    known = _unconfirmed(jobs)
    if known is None:
        return None
    facts = jobs.held(known.id) or {}
    staged = _staged(jobs, known.id)
    guarded = True
    if staged is not None:
        try:
            state = machine.network.checkpoint_state(Checkpoint(**staged["checkpoint"]))
        except Failure:  # NetworkManager is not there to be asked
            state = "lost"
        guarded = state != "lost"
    return PendingChange(
        job=known.id,
        title=known.title,
        who=known.who,
        seconds_left=_seconds_left(facts),
        timeout=facts["timeout"],
        changes=tuple(facts["changes"]),
        guarded=guarded,
    )


def pending_document(jobs: Jobs) -> HostDocument | None:
    """The document of what waits for its confirmation."""
    known = _unconfirmed(jobs)
    if known is None:
        return None
    return parse_document(str(jobs.facts(known.id)["document"]), f"job {known.id}")


def confirm(machine: Machine, jobs: Jobs, actor: Actor) -> JobRecord:
    """Keep what is pending: profiles and document go to disk, then the nets are taken away."""
    known = _must_be_pending(jobs)
    with jobs.deciding(known.id):
        if jobs.record(known.id).state != "unconfirmed":  # another process was first
            raise Failure(
                "There is no change to confirm any more.", "See `flexvdi-config job list`."
            )
        facts = jobs.held(known.id) or {}
        if _seconds_left(facts) <= 0:
            raise Failure(
                "The time to confirm ran out; the old configuration comes back.",
                "Apply the change again, with more time: --confirm-timeout.",
            )
        try:
            result = _keep(machine, jobs, known.id)
        except Failure as failure:
            record(actor, "confirm", "failed", f"Job {known.id}: {failure.cause}", job=known.id)
            raise
        record(actor, "confirm", "done", f"Job {known.id} was confirmed.", job=known.id)
    machine.network.disarm_guard()
    return result


def _keep(machine: Machine, jobs: Jobs, job: str) -> JobRecord:
    document = parse_document(jobs.facts(job)["document"], f"job {job}")
    staged = _staged(jobs, job)
    steps: list[JobStep] = []
    if staged is not None:
        checkpoint = check_checkpoint(staged, machine)
        if machine.network.checkpoint_state(checkpoint) == "open":
            machine.network.extend_checkpoint(checkpoint, _SECONDS_TO_KEEP)
        steps.append(keep_step(changed_files(document, machine), machine))
    steps.append(document_step(document, machine))
    if staged is not None:
        steps.append(_let_go_step(staged, machine))
    return jobs.run(job, steps, undo=lambda step, found: undo_step(step, found, machine))


def _let_go_step(staged: dict[str, Any], machine: Machine) -> JobStep:
    """The moment from which on nothing goes back."""

    def do() -> None:
        checkpoint = Checkpoint(**staged["checkpoint"])
        if machine.network.checkpoint_state(checkpoint) != "lost":
            machine.network.discard_checkpoint(checkpoint)

    return JobStep(
        name=LET_GO_STEP,
        title="Take the safety net away",
        is_done=lambda: False,
        capture=dict,
        do=do,
        undo=lambda _found: None,
    )


def revert(machine: Machine, jobs: Jobs, actor: Actor, reason: str = "was reverted") -> JobRecord:
    """Put back what is pending."""
    known = _must_be_pending(jobs)
    with jobs.deciding(known.id):
        if jobs.record(known.id).state in ("done", "rolled back"):  # another process was first
            raise Failure(
                "There is no change to revert any more.", "See `flexvdi-config job list`."
            )
        result = _put_back(machine, jobs, known.id, actor, reason)
    machine.network.disarm_guard()
    return result


def revert_expired(machine: Machine, jobs: Jobs, actor: Actor) -> JobRecord | None:
    """Put back a change whose time ran out, or whose process died before it could be confirmed.

    This is what the guard runs; it tries again what failed to be put back before.
    """
    for known in jobs.records():
        if not _waits(jobs, known):
            continue
        with jobs.deciding(known.id):
            known = jobs.record(known.id)
            facts = jobs.held(known.id)
            over = facts is None or _seconds_left(facts) <= 0
            if _waits(jobs, known) and (known.state != "unconfirmed" or over):
                return _put_back(machine, jobs, known.id, actor, "was not confirmed in time")
    return None


def refuse_while_pending(jobs: Jobs) -> None:
    """Raise Failure while a change waits: a second one would make going back ambiguous."""
    known = _unconfirmed(jobs)
    if known is not None:
        raise Failure(
            f"Job {known.id} of {known.who} waits for its confirmation.",
            "Run `flexvdi-config confirm` or `flexvdi-config revert` first.",
        )


def _put_back(machine: Machine, jobs: Jobs, job: str, actor: Actor, reason: str) -> JobRecord:
    try:
        result = jobs.rollback(job, lambda step, found: undo_step(step, found, machine))
    except Failure as failure:
        record(actor, "revert", "failed", f"Job {job}: {failure.cause}", job=job)
        raise
    record(actor, "revert", "done", f"Job {job} {reason}.", job=job)
    return result


def _unconfirmed(jobs: Jobs) -> JobRecord | None:
    return next((known for known in jobs.records() if known.state == "unconfirmed"), None)


def _must_be_pending(jobs: Jobs) -> JobRecord:
    known = _unconfirmed(jobs)
    if known is None:
        raise Failure(
            "No change waits for its confirmation.",
            "It was confirmed or put back already; see `flexvdi-config job list`.",
        )
    return known


def _waits(jobs: Jobs, known: JobRecord) -> bool:
    """Whether the job was to be confirmed, and neither was nor has been put back."""
    if "confirm_timeout" not in jobs.facts(known.id):
        return False
    return known.state in ("unconfirmed", "interrupted", "failed")


def _staged(jobs: Jobs, job: str) -> dict[str, Any] | None:
    """What the staging step of a job found; None when the job has none."""
    return dict(jobs.captured(job)).get(STAGE_STEP)


def _seconds_left(facts: dict[str, Any]) -> float:
    if facts.get("boot") != _boot_id():  # a reboot took everything back already
        return 0.0
    return max(0.0, float(facts["until"]) - _uptime())


def _uptime() -> float:
    """Seconds since boot, with sleep, which no change of the clock moves."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _boot_id() -> str:
    return _BOOT_ID.read_text().strip()


def facts_of(document: HostDocument, timeout: int | None) -> dict[str, Any]:
    """What a job keeps for being resumed or confirmed by another process."""
    facts: dict[str, Any] = {"document": document_text(document)}
    if timeout is not None:
        facts["confirm_timeout"] = timeout
    return facts
