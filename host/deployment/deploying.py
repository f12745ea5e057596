"""Carrying a deployment out as a job: from the start, again after a failure, or back to clean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event

from foundation.failure import Failure
from foundation.secret import Secret
from host.api.manager import DeploymentResult
from host.audit import Actor, record
from host.deployment.plan import DeploymentPlan, plan_of_facts
from host.deployment.steps import Deployment, Joining, steps_of
from host.jobs import JobEvent, JobRecord, Jobs
from host.machine import Machine

MANAGER_LANE = "manager"
OPEN_STATES = ("interrupted", "failed", "cancelled")

OnEvent = Callable[[JobEvent], None]


def deploy(
    plan: DeploymentPlan,
    machine: Machine,
    jobs: Jobs,
    joining: Joining,
    host: str,
    actor: Actor,
    on_event: OnEvent,
    cancel: Event,
    acknowledged: tuple[str, ...],
) -> DeploymentResult:
    """Begin a deployment and carry it to its end; ``acknowledged`` is kept in its journal."""
    refuse_open(jobs)
    deployment = Deployment(plan, machine, joining, host)
    steps = steps_of(deployment)
    title = f"Deploy the Manager {plan.request.name}"
    job = jobs.create(title, str(actor), steps, lane=MANAGER_LANE, deployment=plan.facts())
    if acknowledged:
        jobs.journal(job).write(kind="acknowledged", names=list(acknowledged))
    return _run(job, deployment, jobs, actor, on_event, cancel)


def retry(
    job: str,
    machine: Machine,
    jobs: Jobs,
    joining: Joining,
    host: str,
    actor: Actor,
    on_event: OnEvent,
    cancel: Event,
) -> DeploymentResult:
    """Go on with a deployment that failed or was interrupted; what is done stays done."""
    plan = plan_of_facts(_facts(jobs, job))
    deployment = Deployment(plan, machine, joining, host)
    return _run(job, deployment, jobs, actor, on_event, cancel)


def open_job(jobs: Jobs) -> JobRecord | None:
    """The job about the Manager that is under way, or stands half done."""
    for known in jobs.records():
        if known.lane != MANAGER_LANE:
            continue
        if known.state == "running" or is_half_done(known, jobs):
            return known
    return None


def is_deployment(job: str, jobs: Jobs) -> bool:
    """Whether it is a deployment, of which there is something to go on with."""
    return "deployment" in jobs.facts(job)


def is_half_done(known: JobRecord, jobs: Jobs) -> bool:
    """Whether a job has ended early and left something: changes, or what it was begun with."""
    if known.state not in OPEN_STATES:
        return False
    return jobs.has_leftovers(known.id) or "deployment" in jobs.facts(known.id)


def refuse_open(jobs: Jobs) -> None:
    """Raise Failure while another deployment is not at its end."""
    known = open_job(jobs)
    if known is None:
        return
    if known.state == "running":
        raise Failure(
            f"Job {known.id} ({known.title}) is at work on the Manager.",
            f"Wait for its end; `flexvdi-config job show {known.id}` tells.",
        )
    raise Failure(
        f"Job {known.id} ({known.title}) is half done.",
        f"Go on with `flexvdi-config job resume {known.id}`, or take it back with "
        f"`flexvdi-config job rollback {known.id}`.",
    )


def refuse_under_way(jobs: Jobs) -> None:
    """Raise Failure while another process is at work on the Manager."""
    for known in jobs.records():
        if known.lane == MANAGER_LANE and known.state == "running":
            raise Failure(
                f"Job {known.id} ({known.title}) is at work on the Manager.",
                f"Wait for its end; `flexvdi-config job show {known.id}` tells.",
            )


def _facts(jobs: Jobs, job: str) -> dict[str, object]:
    known = jobs.record(job)
    facts = jobs.facts(job)
    if known.lane != MANAGER_LANE or known.state not in OPEN_STATES or "deployment" not in facts:
        raise Failure(
            f"Job {job} is no deployment that could go on: it is {known.state}.",
            "See `flexvdi-config manager status`.",
        )
    found: dict[str, object] = facts["deployment"]
    return found


def _run(
    job: str,
    deployment: Deployment,
    jobs: Jobs,
    actor: Actor,
    on_event: OnEvent,
    cancel: Event,
) -> DeploymentResult:
    current: list[JobEvent] = []

    def heard(event: JobEvent) -> None:
        current[:] = [event]
        on_event(event)

    def report(done: int, total: int, note: str) -> None:
        if current:
            on_event(replace(current[0], done_bytes=done, total_bytes=total, note=note))

    deployment.report = report
    deployment.cancel = cancel
    steps = steps_of(deployment)
    request = deployment.plan.request
    setup_secret = deployment.plan.setup_secret if request.password_hash is None else Secret("")
    try:
        known = jobs.run(job, steps, heard, cancel, keep=True)
    except Failure as failure:
        record(actor, "manager-deploy", "failed", f"Job {job}: {failure.cause}", job=job)
        failure.log = failure.log or f"flexvdi-config job show {job}"
        raise
    descriptor = deployment.kept.descriptor
    words = f"Job {job}: the Manager {request.name} is at {descriptor.ip}."
    record(actor, "manager-deploy", "done", words, job=job, verb="manager deploy")
    return DeploymentResult(known, descriptor.ip, descriptor.fingerprint, setup_secret)
