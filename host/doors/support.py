"""SupportApi on the ports of a machine (host.api.support)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Event

from foundation.failure import Failure
from host.api.support import (
    BundleProgress,
    BundleResult,
    Diagnosis,
    LogFilter,
    LogPage,
    RemovablePartition,
)
from host.audit import Actor, record
from host.bundle import bundle_name, pack
from host.bundle_delivery import check_target, deliver
from host.diagnosis import diagnose
from host.jobs import Jobs
from host.machine import Machine
from host.redaction import without_login
from host.status import HostStatus

_WORKPLACE = Path("/var/tmp")


class SupportDoor:
    """See host.api.support.SupportApi."""

    def __init__(self, machine: Machine, jobs: Jobs, status: Callable[[], HostStatus]) -> None:
        """The door to ``machine``, whose ``status`` is part of every diagnosis."""
        self._machine = machine
        self._jobs = jobs
        self._status = status

    def logs(
        self, wanted: LogFilter, lines: int = 200, before: str = "", after: str = ""
    ) -> LogPage:
        """Ask the journal."""
        if after:
            return LogPage(self._machine.journal.read_after(wanted, lines, after))
        return self._machine.journal.read(wanted, lines, before)

    def log_sources(self) -> tuple[str, ...]:
        """Ask the journal."""
        return self._machine.journal.sources()

    def removable_partitions(self) -> tuple[RemovablePartition, ...]:
        """What is plugged in."""
        return self._machine.media.partitions()

    def bundle(
        self,
        target: str,
        actor: Actor,
        on_progress: Callable[[BundleProgress], None] = lambda progress: None,
        cancel: Event | None = None,
    ) -> BundleResult:
        """Pack it in a folder of our own, then bring it where it is wanted."""
        check_target(target)
        shown = without_login(target)
        try:
            with tempfile.TemporaryDirectory(prefix="flexvdi-support-", dir=_WORKPLACE) as folder:
                hostname = min(self._machine.hostname.names(), default="host")
                name = bundle_name(hostname)
                path = Path(folder) / f"{name}.tar.gz"
                missing = pack(
                    path, name, self._machine, self._jobs, self.diagnose, on_progress, cancel
                )
                place = deliver(path, target, self._machine, on_progress, cancel)
                result = BundleResult(place, path.stat().st_size, missing)
        except Failure as failure:
            words = f"A support bundle for {shown} failed: {failure.cause}"
            record(actor, "bundle", "failed", words, verb="support bundle")
            raise
        words = f"A support bundle of {result.size} bytes is at {result.place}."
        record(actor, "bundle", "done", words, verb="support bundle")
        return result

    def diagnose(
        self, on_progress: Callable[[Diagnosis], None] = lambda diagnosis: None
    ) -> tuple[Diagnosis, ...]:
        """Look at everything."""
        findings = []
        for finding in diagnose(self._machine, self._jobs, self._status):
            on_progress(finding)
            findings.append(finding)
        return tuple(findings)
