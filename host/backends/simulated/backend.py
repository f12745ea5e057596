"""HostApi on a simulated machine, for tests of screens and for showing the UI anywhere.

The machine is read from a JSON file (see examples/) and never written back: what is applied lives
as long as the process. Faults make its calls fail as real services do.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foundation.failure import Failure
from foundation.secret import Secret
from host.audit import Actor
from host.backends.host_on_machine import HostOnMachine
from host.backends.simulated.simulation import Fault, Simulation
from host.status import (
    HealthCheck,
    HostIdentity,
    HostStatus,
    InterfaceStatus,
    PowerAction,
    PowerSituation,
    Virtualization,
)

if TYPE_CHECKING:
    from host.backends.simulated.manager.joining import SimulatedJoining
    from host.deployment.steps import Joining
    from host.document.model import HostDocument
    from host.jobs import JobRecord, Jobs
    from host.machine import Machine
    from host.plan import Plan


class SimulatedHost(HostOnMachine):
    """HostApi on the machine described in a JSON file.

    ``simulation`` holds its facts and faults (host.backends.simulated.simulation); ``calls`` lists
    the power actions that were carried out.
    """

    def __init__(self, path: Path) -> None:
        """Read the machine; raises Failure when the file is none."""
        try:
            facts: dict[str, Any] = json.loads(path.read_text())
        except OSError as error:
            raise Failure(f"{path} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise Failure(f"{path} is not JSON: {error}.", "See the examples beside it.") from error
        self.simulation = Simulation(facts)
        self.calls: list[str] = []

    @property
    def faults(self) -> dict[str, str | Fault]:
        """Name of a call to what it meets; can be changed while running."""
        return self.simulation.faults

    @property
    def held(self) -> dict[str, threading.Event]:
        """Name of a call to the event it waits for."""
        return self.simulation.held

    def identity(self) -> HostIdentity:
        """As the file says, with the name that was applied last."""
        facts = self.simulation.facts
        name = facts["hostname"]
        if "machine" in self.__dict__:
            name = next(iter(self.machine.hostname.names()))
        return HostIdentity(name, facts.get("product", "flexVDI"), facts["version"])

    def status(self) -> HostStatus:
        """As the file says."""
        self.simulation.meet("status")
        facts = self.simulation.facts
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
            checks=(
                *(HealthCheck(**check) for check in facts.get("checks", ())),
                *(self.storage.checks() if self._has_storage() else ()),
            ),
            maintenance=self.maintenance() if "machine" in self.__dict__ else None,
        )

    def document(self) -> HostDocument:
        """The document of the file, or what was applied since."""
        self.simulation.meet("document")
        return super().document()

    def plan(self, document: HostDocument) -> Plan:
        """What would change."""
        self.simulation.meet("plan")
        return super().plan(document)

    def apply_at_boot(self) -> JobRecord | None:
        """As at boot, in memory."""
        from host.applying import apply_at_boot

        return apply_at_boot(self._machine, self._jobs, Actor("boot", ""))

    def power_situation(self) -> PowerSituation:
        """As the file says."""
        self.simulation.meet("power_situation")
        facts = self.simulation.facts
        return PowerSituation(facts.get("guests"), tuple(facts.get("inhibitors", ())))

    def _has_storage(self) -> bool:
        """Whether there may be any; a screen is drawn before a machine is made to look."""
        return "machine" in self.__dict__ or "storage" in self.simulation.facts.get("document", {})

    def power(self, action: PowerAction, actor: Actor, reason: str = "") -> None:
        """Only noted."""
        self.simulation.meet("power")
        self.calls.append(f"{action}: {reason}" if reason else action)

    def authenticate(self, name: str, password: Secret, actor: Actor) -> None:
        """Compare with the file's ``passwords``."""
        self.simulation.meet("authenticate")
        known: Mapping[str, str] = self.simulation.facts.get("passwords", {})
        if known.get(name) != password.reveal():
            raise Failure(
                "That name and password are not right.",
                "Log in as root or as an administrator of this host.",
            )

    def virtualization(self) -> Virtualization:
        """As the file says."""
        self.simulation.meet("virtualization")
        usual = {"accelerator": "kvm", "reason": "This is a simulation."}
        return Virtualization(**self.simulation.facts.get("virtualization", usual))

    def shell_command(self, user: str) -> tuple[str, ...]:
        """Only words: a simulation opens no shell on the machine it runs on."""
        return ("echo", f"A shell of {user} would open here.")

    @cached_property
    def machine(self) -> Machine:
        """The machine's ports."""
        from host.backends.simulated.machine import simulated_machine

        return simulated_machine(self.simulation)

    @property
    def _machine(self) -> Machine:
        return self.machine

    @cached_property
    def joining(self) -> SimulatedJoining:
        """The Managers that the host has joined."""
        from host.backends.simulated.manager.joining import SimulatedJoining

        return SimulatedJoining(self.simulation)

    def _joining(self, actor: Actor) -> Joining:
        return self.joining

    @cached_property
    def _folder(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(prefix="flexvdi-simulated-")

    @property
    def _jobs(self) -> Jobs:
        from host.jobs import Jobs

        return Jobs(Path(self._folder.name))
