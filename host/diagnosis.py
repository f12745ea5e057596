"""Looking at everything that can be wrong with a host: a table of questions to its ports.

What the status shows (host.status.HealthCheck) is part of it; the questions here may take longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from foundation.failure import Failure
from host.api.support import Diagnosis
from host.api.system import TimeSource
from host.document.certificates import describe, problems_now, utc_now
from host.in_force import document_in_force, read_current
from host.jobs import Jobs
from host.machine import Machine
from host.maintenance import maintenance_of
from host.parts.certificate import CERTIFICATE_FILE
from host.plan import make_plan
from host.status import CheckState, HostStatus

_LARGE_OFFSET = 0.5  # seconds; certificates and Kerberos begin to care


def diagnose(machine: Machine, jobs: Jobs, status: Callable[[], HostStatus]) -> Iterator[Diagnosis]:
    """Each finding as it is made. A question that cannot be answered is a finding too."""
    questions: tuple[tuple[str, Callable[[], Iterator[Diagnosis]]], ...] = (
        ("Health", lambda: _health(status())),
        ("Host document", lambda: _document(machine)),
        ("Jobs", lambda: _jobs(jobs)),
        ("Time", lambda: _time(machine)),
        ("Certificate", lambda: _certificate(machine)),
        ("Log target", lambda: _log_target(machine)),
        ("Crash dump", lambda: _crash_dump(machine)),
        ("Root slots", lambda: _slots(machine)),
        ("Maintenance", lambda: _maintenance(machine)),
    )
    for group, ask in questions:
        try:
            yield from ask()
        except Failure as failure:
            yield Diagnosis(group, group, "unknown", failure.cause, failure.remedy)


def _health(status: HostStatus) -> Iterator[Diagnosis]:
    for check in status.checks:
        yield Diagnosis("Health", check.name, check.state, check.reason, check.remedy)
    for link in status.interfaces:
        if link.link:
            speed = f"{link.speed} Mbit/s" if link.speed else "up"
            yield Diagnosis(
                "Network", link.name, "ok", f"{speed} {' '.join(link.addresses)}".strip()
            )
        else:
            state: CheckState = "warning" if link.controller or link.addresses else "ok"
            yield Diagnosis("Network", link.name, state, "no link", "Check the cable.")


def _document(machine: Machine) -> Iterator[Diagnosis]:
    document = read_current(machine.files)
    plan = make_plan(document, machine, document)
    if plan.is_empty:
        yield Diagnosis("Host document", "Agreement", "ok", "the host is as its document says")
    else:
        changes = "; ".join(change.summary for change in plan.changes[:3])
        yield Diagnosis(
            "Host document",
            "Agreement",
            "warning",
            f"{len(plan.changes)} differences: {changes}",
            "See `flexvdi-config plan`; `flexvdi-config apply` puts it right.",
        )


def _jobs(jobs: Jobs) -> Iterator[Diagnosis]:
    records = jobs.records()
    for known in records:
        if known.state == "interrupted" or (
            known.state == "failed" and jobs.has_leftovers(known.id)
        ):
            yield Diagnosis(
                "Jobs",
                f"Job {known.id}",
                "failed",
                f"{known.title}: {known.state}, half done",
                f"Run `flexvdi-config job rollback {known.id}`.",
            )
            return
    yield Diagnosis("Jobs", "Jobs", "ok", f"{len(records)} known, none half done")


def _time(machine: Machine) -> Iterator[Diagnosis]:
    sources = machine.clock.sources()
    if not sources:
        yield Diagnosis(
            "Time",
            "Servers",
            "warning",
            "none",
            "Name some: `flexvdi-config set time.ntp_servers`.",
        )
    for source in sources:
        yield Diagnosis("Time", source.name, _source_state(source), _source_words(source))
    offset = machine.clock.offset()
    if offset is not None:
        state: CheckState = "ok" if abs(offset) < _LARGE_OFFSET else "warning"
        yield Diagnosis("Time", "Offset", state, f"{offset * 1000:+.3f} ms")


def _source_state(source: TimeSource) -> CheckState:
    return "ok" if source.state in ("selected", "combined", "candidate") else "warning"


def _source_words(source: TimeSource) -> str:
    return f"{source.state}, stratum {source.stratum}, {source.reachable} of 8 answers"


def _certificate(machine: Machine) -> Iterator[Diagnosis]:
    content = machine.files.read(CERTIFICATE_FILE)
    if content is None:
        yield Diagnosis(
            "Certificate", "Certificate", "warning", "none", "Run `flexvdi-config apply`."
        )
        return
    try:
        facts = describe(content.text)
    except ValueError as error:
        yield Diagnosis(
            "Certificate",
            "Certificate",
            "failed",
            str(error),
            "Run `flexvdi-config certificate renew`.",
        )
        return
    name = document_in_force(machine.files).identity.hostname
    problems = problems_now(facts, (name,), utc_now())
    yield Diagnosis(
        "Certificate",
        "Certificate",
        "warning" if problems else "ok",
        " ".join(problems) or f"valid until {facts.not_after:%Y-%m-%d}",
        "Run `flexvdi-config certificate renew`, or install another one." if problems else "",
    )


def _log_target(machine: Machine) -> Iterator[Diagnosis]:
    target = document_in_force(machine.files).logging.target
    if target is None:
        yield Diagnosis("Log target", "Log target", "ok", "none: logs stay on this host")
        return
    place = f"{target.host}, port {target.effective_port}/{target.protocol}"
    if machine.services.is_running("flexvdi-log-target.service"):
        yield Diagnosis("Log target", "Log target", "ok", f"sending to {place}")
    else:
        yield Diagnosis(
            "Log target",
            "Log target",
            "failed",
            f"nothing is sent to {place}",
            "See `systemctl status flexvdi-log-target`.",
        )


def _crash_dump(machine: Machine) -> Iterator[Diagnosis]:
    wanted = document_in_force(machine.files).crash_dump
    armed, dumps = machine.crash.loaded(), machine.crash.dumps(wanted.directory)
    state: CheckState = "ok" if armed or not wanted.enabled else "warning"
    words = "armed" if armed else "off" if not wanted.enabled else "not armed"
    remedy = "Reboot once; see `flexvdi-config crash-dump`." if state != "ok" else ""
    yield Diagnosis("Crash dump", "Crash dump", state, words, remedy)
    if dumps:
        yield Diagnosis(
            "Crash dump",
            "Dumps",
            "warning",
            f"{len(dumps)}, the latest {dumps[0]}",
            "The kernel has crashed; send the dump to support, then remove it.",
        )


def _slots(machine: Machine) -> Iterator[Diagnosis]:
    for slot in machine.slots.slots():
        marks = [
            words for words, holds in (("running", slot.running), ("next", slot.next)) if holds
        ]
        value = " ".join(filter(None, (slot.version, slot.kernel, ", ".join(marks))))
        yield Diagnosis("Root slots", f"Slot {slot.name}", "ok", value)


def _maintenance(machine: Machine) -> Iterator[Diagnosis]:
    known = maintenance_of(machine.files)
    if known is not None:
        words = f"since it was entered by {known.who}: {known.reason}"
        remedy = "Leave it with `flexvdi-config maintenance leave`."
        yield Diagnosis("Maintenance", "Maintenance", "warning", words, remedy)
