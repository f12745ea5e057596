"""HostApi on a simulated machine, for tests of screens and for showing the UI anywhere.

The machine is read from a JSON file (see examples/) and never written back: what is applied lives
as long as the process. Faults make its calls fail as real services do.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from foundation.failure import Failure
from foundation.secret import Secret
from host.api import PowerAction
from host.audit import Actor
from host.status import (
    HealthCheck,
    HostIdentity,
    HostStatus,
    InterfaceStatus,
    PowerSituation,
    Virtualization,
)

if TYPE_CHECKING:
    from host.backends.simulated.machine import SimulatedMachine
    from host.document.model import HostDocument
    from host.jobs import JobEvent, JobRecord, Jobs
    from host.plan import Plan


class SimulatedHost:
    """HostApi on the machine described in a JSON file.

    ``calls`` lists the power actions that were carried out. ``faults`` maps the name of a call or
    of a part of the document to a cause; it can be changed while running. A call named in
    ``held`` waits until its event is set: a service that hangs.
    """

    def __init__(self, path: Path) -> None:
        """Read the machine; raises Failure when the file is none."""
        try:
            self._facts: dict[str, Any] = json.loads(path.read_text())
        except OSError as error:
            raise Failure(f"{path} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise Failure(f"{path} is not JSON: {error}.", "See the examples beside it.") from error
        self.faults: dict[str, str] = dict(self._facts.get("faults", {}))
        self.held: dict[str, threading.Event] = {}
        self.calls: list[str] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._made: tuple[SimulatedMachine, Jobs] | None = None

    def identity(self) -> HostIdentity:
        """As the file says, with the name that was applied last."""
        name = self._facts["hostname"]
        if self._made is not None:
            name = self._made[0].active_hostname or name
        return HostIdentity(name, self._facts.get("product", "flexVDI"), self._facts["version"])

    def status(self) -> HostStatus:
        """As the file says."""
        self._meet("status")
        facts = self._facts
        return HostStatus(
            identity=self.identity(),
            interfaces=tuple(
                InterfaceStatus(**{**interface, "addresses": tuple(interface["addresses"])})
                for interface in facts.get("interfaces", ())
            ),
            management=facts.get("management"),
            gateway=facts.get("gateway"),
            uptime=facts.get("uptime", 0.0),
            guests=facts.get("guests"),
            checks=tuple(HealthCheck(**check) for check in facts.get("checks", ())),
        )

    def document(self) -> HostDocument:
        """The document of the file, or what was applied since."""
        from host.applying import read_current

        self._meet("document")
        return read_current(self._parts()[0])

    def plan(self, document: HostDocument) -> Plan:
        """What would change."""
        from host.applying import plan_for

        self._meet("plan")
        return plan_for(self._parts()[0], document)

    def apply(
        self,
        document: HostDocument,
        actor: Actor,
        on_event: Callable[[JobEvent], None] = lambda event: None,
        cancel: Event | None = None,
    ) -> JobRecord | None:
        """Apply, in memory."""
        from host.applying import apply_document

        machine, jobs = self._parts()
        return apply_document(machine, jobs, document, actor, on_event, cancel)

    def apply_at_boot(self) -> JobRecord | None:
        """As at boot, in memory."""
        from host.applying import apply_at_boot

        machine, jobs = self._parts()
        return apply_at_boot(machine, jobs, Actor("boot", ""))

    def jobs(self) -> tuple[JobRecord, ...]:
        """Jobs of this process."""
        return self._parts()[1].records()

    def job(self, job: str) -> JobRecord:
        """One job."""
        return self._parts()[1].record(job)

    def resume(self, job: str, actor: Actor) -> JobRecord | None:
        """Resume an interrupted job."""
        from host.applying import resume_job

        return resume_job(*self._parts(), job, actor)

    def rollback(self, job: str, actor: Actor) -> JobRecord:
        """Roll an interrupted job back."""
        from host.applying import rollback_job

        return rollback_job(*self._parts(), job, actor)

    def power_situation(self) -> PowerSituation:
        """As the file says."""
        self._meet("power_situation")
        return PowerSituation(self._facts.get("guests"), tuple(self._facts.get("inhibitors", ())))

    def power(self, action: PowerAction, actor: Actor) -> None:
        """Only noted."""
        self._meet("power")
        self.calls.append(action)

    def authenticate(self, name: str, password: Secret, actor: Actor) -> None:
        """Compare with the file's ``passwords``."""
        self._meet("authenticate")
        known: Mapping[str, str] = self._facts.get("passwords", {})
        if known.get(name) != password.reveal():
            raise Failure(
                "That name and password are not right.",
                "Log in as root or as an administrator of this host.",
            )

    def virtualization(self) -> Virtualization:
        """As the file says."""
        self._meet("virtualization")
        return Virtualization(**self._facts["virtualization"])

    def shell_command(self, user: str) -> tuple[str, ...]:
        """Only words: a simulation opens no shell on the machine it runs on."""
        return ("echo", f"A shell of {user} would open here.")

    def _meet(self, call: str) -> None:
        """Wait, or fail, where the simulation says so."""
        if call in self.held:
            self.held[call].wait()
        if call in self.faults:
            raise Failure(self.faults[call], "This fault is part of the simulation.")

    def _parts(self) -> tuple[SimulatedMachine, Jobs]:
        if self._made is None:
            from host.backends.simulated.machine import SimulatedMachine
            from host.jobs import Jobs

            self._folder = tempfile.TemporaryDirectory(prefix="flexvdi-simulated-")
            machine = SimulatedMachine(self._facts, self.faults)
            self._made = (machine, Jobs(Path(self._folder.name)))
        return self._made
