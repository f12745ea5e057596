"""HostApi: the one door to a host. Screens and commands ask it, and touch the system by no other.

All calls block and may take seconds; screens make them in worker threads. Whatever a person must
be told comes as :class:`foundation.failure.Failure`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Protocol

from foundation.secret import Secret
from host.audit import Actor
from host.status import (
    HostIdentity,
    HostStatus,
    Maintenance,
    PowerAction,
    PowerSituation,
    Virtualization,
)

if TYPE_CHECKING:  # the document's models take long to import; screens draw before that
    from host.api.manager import ManagerApi
    from host.api.membership import MembershipApi
    from host.api.network import NetworkApi, PendingChange
    from host.api.operation import OperationApi
    from host.api.security import SecurityApi
    from host.api.storage import StorageApi
    from host.api.support import SupportApi
    from host.api.system import SystemApi
    from host.document.model import HostDocument
    from host.jobs import JobEvent, JobRecord
    from host.plan import Plan


class HostApi(Protocol):
    """What can be asked of a host; the larger subjects have doors of their own."""

    @property
    def network(self) -> NetworkApi:
        """The network."""

    @property
    def storage(self) -> StorageApi:
        """The storage."""

    @property
    def security(self) -> SecurityApi:
        """Who may come in."""

    @property
    def system(self) -> SystemApi:
        """Language, clock, logging, root slots."""

    @property
    def support(self) -> SupportApi:
        """Logs, bundles, diagnostics."""

    @property
    def manager(self) -> ManagerApi:
        """The Manager's guest."""

    @property
    def membership(self) -> MembershipApi:
        """The platform that the host belongs to."""

    @property
    def operation(self) -> OperationApi:
        """The host in operation: hardware, load, guests."""

    def identity(self) -> HostIdentity:
        """Name and version; quick, and never fails."""

    def status(self) -> HostStatus:
        """Everything a status screen shows; holds no secret."""

    def document(self) -> HostDocument:
        """The host document in force."""

    def plan(self, document: HostDocument) -> Plan:
        """What would change if ``document`` were applied; changes nothing."""

    def apply(
        self,
        document: HostDocument,
        actor: Actor,
        on_event: Callable[[JobEvent], None] = lambda event: None,
        cancel: Event | None = None,
        erase: tuple[str, ...] = (),
        confirm_timeout: int | None = None,
        acknowledge: tuple[str, ...] = (),
    ) -> JobRecord | None:
        """Make the host as ``document`` says, as a job; None when it already is.

        A failure or ``cancel`` puts everything back before it is raised. ``erase`` must name
        exactly the disks and volumes that the plan erases (Plan.erases), ``acknowledge`` every
        risk that the plan wants acknowledged (Plan.acknowledgements).

        With ``confirm_timeout`` (seconds), a plan that may cut connections is applied for the
        time being only: the job is ``unconfirmed`` and everything goes back by itself, whatever
        becomes of this process, unless :meth:`confirm` is called in time.
        """

    def pending(self) -> PendingChange | None:
        """The change that waits for its confirmation, of whatever process; quick."""

    def confirm(self, actor: Actor) -> JobRecord:
        """Keep the pending change; raises Failure when there is none, or no longer."""

    def revert(self, actor: Actor) -> JobRecord:
        """Put everything back as it was before the pending change."""

    def revert_expired(self) -> JobRecord | None:
        """What the guard does: put back a change whose time ran out; None if there is none."""

    def apply_at_boot(self) -> JobRecord | None:
        """Make the host as its document says; cheap when it already is.

        Jobs that a crash interrupted are rolled back first. An unusable document changes nothing:
        it is reported by the status and raised.
        """

    def jobs(self) -> tuple[JobRecord, ...]:
        """Known jobs, the latest first."""

    def job(self, job: str) -> JobRecord:
        """One job."""

    def resume(
        self,
        job: str,
        actor: Actor,
        on_event: Callable[[JobEvent], None] = lambda event: None,
        cancel: Event | None = None,
    ) -> JobRecord | None:
        """Carry an interrupted job to its end.

        A change of the host is put back first and made anew, as a new job; work on the Manager
        goes on from the step where it stood.
        """

    def rollback(self, job: str, actor: Actor) -> JobRecord:
        """Put back what an interrupted or failed job has changed."""

    def power_situation(self) -> PowerSituation:
        """What a reboot would meet."""

    def power(self, action: PowerAction, actor: Actor, reason: str = "") -> None:
        """Reboot or power off, now; ``reason`` goes into the record."""

    def maintenance(self) -> Maintenance | None:
        """Who put the host into maintenance, and why; None when it is in service."""

    def enter_maintenance(self, reason: str, actor: Actor) -> Maintenance:
        """Keep guests from being started by the host itself, until it is left, over reboots.

        Guests that run go on running; ``Maintenance.guests`` names those that would have been
        started at boot and now are not.
        """

    def leave_maintenance(self, actor: Actor) -> None:
        """Put the host back into service; guests start at boot again as they did before."""

    def authenticate(self, name: str, password: Secret, actor: Actor) -> None:
        """Return if this person may log in; raise Failure, after a delay, if not."""

    def shell_command(self, user: str) -> tuple[str, ...]:
        """The command that opens a shell for ``user`` on the terminal."""

    def virtualization(self) -> Virtualization:
        """How guests run here, found out by starting one (kept until the next boot)."""


def open_host(simulation: Path | None = None) -> HostApi:
    """The host this program runs on, or the simulated one described in ``simulation``."""
    if simulation is not None:
        from host.backends.simulated.backend import SimulatedHost

        return SimulatedHost(simulation)
    from host.backends.real.backend import RealHost

    return RealHost()
