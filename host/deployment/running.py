"""The Manager's guest from day to day: how it is, starting and stopping it, never twice at once."""

from __future__ import annotations

import time
from collections.abc import Callable

from foundation.failure import Failure
from host.api.manager import ManagerStatus
from host.deployment.deploying import is_deployment, open_job
from host.deployment.descriptor import Kept, keep, kept_on
from host.deployment.waiting import fingerprint_in, progress_in, wait_for_manager
from host.deployment.work import Work
from host.jobs import Jobs
from host.machine import Machine
from host.machine.manager.domains import Domain
from host.machine.manager.images import StorageAway
from host.status import CheckState, HealthCheck

_STOPPING = 180.0  # seconds that its system may take to shut down
_STOPPING_EMULATED = 900.0
_PRESSED_AGAIN = 15.0
_PAUSE = 0.2


def required(machine: Machine) -> Kept:
    """The Manager of this host; raises Failure when there is none."""
    kept = kept_on(machine)
    if kept is None:
        raise Failure(
            "This host has no Manager.",
            "Deploy one (`flexvdi-config manager deploy`), or see `flexvdi-config manager found`.",
        )
    return kept


def is_active(machine: Machine, name: str) -> bool:
    """Whether a QEMU process holds the disks of that guest here."""
    domain = machine.manager.domains.find(name)
    return domain is not None and domain.is_active


def status_of(machine: Machine, jobs: Jobs, host: str) -> ManagerStatus:
    """Look at guest, storage and API; what cannot be had is a check that says so."""
    job = open_job(jobs)
    deploying = job is not None and is_deployment(job.id, jobs)
    kept = kept_on(machine)
    if kept is None:
        return ManagerStatus(None, "", "none", "", (), job, deploying)
    descriptor = kept.descriptor
    checks: list[HealthCheck] = []
    display = ""
    domain: Domain | None = None
    try:
        domain = machine.manager.domains.find(descriptor.name)
        checks.append(_guest(domain, kept, host))
        if domain is not None and domain.is_active:
            display = machine.manager.domains.display(descriptor.name)
    except Failure as failure:
        checks.append(HealthCheck("Guest", "unknown", failure.cause, failure.remedy))
    checks.append(_disks(kept, machine))
    if domain is not None and domain.state == "running":
        checks.append(_answers(kept, machine))
    checks.append(_autostart(domain, kept))
    state = domain.state if domain is not None else "unknown"
    manager = descriptor.model_dump(mode="json")
    return ManagerStatus(manager, kept.folder, state, display, tuple(checks), job, deploying)


def checks_of_host(machine: Machine, host: str) -> tuple[HealthCheck, ...]:
    """For the status of the host: how its Manager's guest is; nothing where it has none."""
    try:
        kept = kept_on(machine)
        if kept is None:
            return ()
        found = _guest(machine.manager.domains.find(kept.descriptor.name), kept, host)
    except Failure as failure:
        return (HealthCheck("Manager", "unknown", failure.cause, failure.remedy),)
    reason = f"https://{kept.descriptor.ip}: {found.reason}"
    return (HealthCheck("Manager", found.state, reason, found.remedy),)


def _guest(domain: Domain | None, kept: Kept, host: str) -> HealthCheck:
    where = kept.descriptor.running_on
    if domain is None:
        return HealthCheck(
            "Guest",
            "failed",
            "libvirt does not know it.",
            f"Define it again: `flexvdi-config manager adopt {kept.folder}`.",
        )
    if domain.state == "running":
        return HealthCheck("Guest", "ok", f"It runs{_because(domain)}.")
    if where not in ("", host):
        return HealthCheck("Guest", "ok", f"It is off here; {where} says that it runs it.")
    remedy = "" if domain.state == "shutting down" else "`flexvdi-config manager start` starts it."
    state = "warning" if domain.state in ("shut off", "shutting down") else "failed"
    words = f"It is {domain.state}{_because(domain)}."
    return HealthCheck("Guest", "failed" if state == "failed" else "warning", words, remedy)


def _because(domain: Domain) -> str:
    return f": {domain.reason}" if domain.reason else ""


def _disks(kept: Kept, machine: Machine) -> HealthCheck:
    try:
        missing = [
            name
            for name in (kept.descriptor.system, kept.descriptor.data)
            if machine.manager.images.info(kept.path(name)) is None
        ]
    except StorageAway as failure:
        return HealthCheck("Disks", "failed", failure.cause, failure.remedy)
    if missing:
        return HealthCheck(
            "Disks",
            "failed",
            f"{kept.folder} lacks {', '.join(missing)}.",
            "See that its storage is mounted: `flexvdi-config mounts show`.",
        )
    return HealthCheck("Disks", "ok", f"They are in {kept.folder}.")


def _answers(kept: Kept, machine: Machine) -> HealthCheck:
    descriptor = kept.descriptor
    console = machine.manager.domains.console_text(descriptor.name)
    fingerprint = descriptor.fingerprint or fingerprint_in(progress_in(console))
    place = f"https://{descriptor.ip}"
    try:
        health = machine.manager.link.health(descriptor.ip, descriptor.port, fingerprint)
    except Failure as failure:
        return HealthCheck("API", "failed", failure.cause, failure.remedy)
    if health is None:
        return HealthCheck(
            "API",
            "failed",
            f"{place} does not answer.",
            "It may be starting; its console says more: `flexvdi-config manager console`.",
        )
    reasons = "; ".join(health.reasons)
    if health.status == "ok":
        return HealthCheck("API", "ok", f"{place} answers, version {health.version}.")
    state: CheckState = "warning" if health.works else "failed"
    return HealthCheck("API", state, f"{place} is {health.status}. {reasons}".strip())


def _autostart(domain: Domain | None, kept: Kept) -> HealthCheck:
    on = domain is not None and domain.autostart
    if on or not kept.descriptor.autostart:
        words = "It starts whenever this host starts." if on else "It is started by hand."
        return HealthCheck("Start", "ok", words)
    return HealthCheck(
        "Start",
        "warning",
        "It does not start with this host, though it should: the host may be in maintenance.",
        "Leave maintenance, or run `flexvdi-config manager autostart on`.",
    )


def start(machine: Machine, host: str, believed_dead: str = "") -> Kept:
    """Start it, unless another host may run it; the descriptor says who does, before it does."""
    kept = required(machine)
    descriptor = kept.descriptor
    elsewhere = descriptor.running_on
    if elsewhere not in ("", host) and believed_dead != elsewhere:
        raise Failure(
            f"The Manager runs on {elsewhere}, as far as anybody knows. Two of it would destroy "
            "its data.",
            f"Stop it there. If {elsewhere} is certainly dead and off, start it with "
            f"--believed-dead {elsewhere}.",
        )
    if is_active(machine, descriptor.name):
        return kept if elsewhere == host else _claimed(machine, kept, host)
    kept = _with(kept, epoch=descriptor.epoch + 1, running_on=host)
    keep(machine, kept)
    try:
        machine.manager.domains.renew_console(descriptor.name)
        machine.manager.domains.start(descriptor.name)
    except Failure:
        keep(machine, _with(kept, running_on=elsewhere if elsewhere != host else ""))
        raise
    return kept


def patience(emulated: bool) -> float:
    """Seconds that its system may take to shut down."""
    return _STOPPING_EMULATED if emulated else _STOPPING


def stop(
    machine: Machine,
    host: str,
    limit: float = _STOPPING,
    clock: Callable[[], float] = time.monotonic,
) -> Kept:
    """Shut it down and see it off; raises Failure when it does not listen."""
    kept = required(machine)
    name = kept.descriptor.name
    deadline, next_press = clock() + limit, clock()
    while is_active(machine, name):
        if clock() > deadline:
            raise Failure(
                f"The Manager did not shut down within {limit:.0f} s.",
                "Look at its console, wait, or force it off.",
            )
        if clock() >= next_press:
            _press_power_button(machine, name)
            next_press = clock() + _PRESSED_AGAIN
        time.sleep(_PAUSE)
    return ended(machine, host)


def _press_power_button(machine: Machine, name: str) -> None:
    """Its system may come up only now and have missed it before; more presses do no harm."""
    try:
        machine.manager.domains.shut_down(name)
    except Failure:
        if is_active(machine, name):
            raise


def force_off(machine: Machine, host: str) -> Kept:
    """End it at once."""
    kept = required(machine)
    machine.manager.domains.force_off(kept.descriptor.name)
    return ended(machine, host)


def wait_until_answering(work: Work, told_before: int = 0) -> None:
    """Until this host's Manager does; its set-up may have been left to a person.

    Its fingerprint is kept. ``told_before`` is as for waiting.wait_for_manager.
    """
    kept = required(work.machine)
    found = wait_for_manager(
        work.machine,
        kept.descriptor,
        needs_setup=True,
        report=work.say,
        cancel=work.cancel,
        emulated=work.is_emulated(),
        told_before=told_before,
    )
    if found.fingerprint != kept.descriptor.fingerprint:
        keep(work.machine, _with(kept, fingerprint=found.fingerprint))


def ended(machine: Machine, host: str) -> Kept:
    """Keep that it no longer runs here."""
    kept = required(machine)
    if kept.descriptor.running_on == host:
        kept = _with(kept, running_on="")
        keep(machine, kept)
    return kept


def require_off(machine: Machine) -> Kept:
    """The Manager, which must not run; raises Failure when it does."""
    kept = required(machine)
    domain = machine.manager.domains.find(kept.descriptor.name)
    if domain is not None and domain.is_active:
        raise Failure(
            f"The Manager is {domain.state}.", "Stop it first: `flexvdi-config manager stop`."
        )
    return kept


def _claimed(machine: Machine, kept: Kept, host: str) -> Kept:
    """It runs here though nobody of ours has started it: libvirt has, when this host came up."""
    kept = _with(kept, running_on=host)
    keep(machine, kept)
    return kept


def _with(kept: Kept, **values: object) -> Kept:
    return Kept(folder=kept.folder, descriptor=kept.descriptor.changed(**values))
