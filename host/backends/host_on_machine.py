"""What every host does alike, whatever its machine is: plan, apply, jobs, and the grouped doors.

Imports that take long happen in the calls that need them, so that a screen is drawn before.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING

from host.audit import Actor

if TYPE_CHECKING:
    from host.api.manager import ManagerApi
    from host.api.membership import MembershipApi
    from host.api.network import NetworkApi, PendingChange
    from host.api.operation import OperationApi
    from host.api.security import SecurityApi
    from host.api.storage import StorageApi
    from host.api.support import SupportApi
    from host.api.system import SystemApi
    from host.deployment.steps import Joining
    from host.document.model import HostDocument
    from host.jobs import JobEvent, JobRecord, Jobs
    from host.machine import Machine
    from host.plan import Plan
    from host.status import HostIdentity, HostStatus, Maintenance, Virtualization


class HostOnMachine(ABC):
    """The part of HostApi that needs only a machine's ports and the journals of its jobs."""

    @property
    @abstractmethod
    def _machine(self) -> Machine:
        """The machine's ports."""

    @abstractmethod
    def status(self) -> HostStatus:
        """Everything a status screen shows."""

    @property
    @abstractmethod
    def _jobs(self) -> Jobs:
        """The machine's jobs."""

    @abstractmethod
    def identity(self) -> HostIdentity:
        """Name, version and displays."""

    @abstractmethod
    def _joining(self, actor: Actor) -> Joining:
        """How the host joins a Manager that it has deployed."""

    @abstractmethod
    def virtualization(self) -> Virtualization:
        """How guests run."""

    def document(self) -> HostDocument:
        """The document in force."""
        from host.in_force import read_current

        return read_current(self._machine.files)

    def plan(self, document: HostDocument) -> Plan:
        """What would change."""
        from host.applying import plan_for

        return plan_for(self._machine, document)

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
        """Apply as a job."""
        from host.applying import apply_document

        return apply_document(
            self._machine,
            self._jobs,
            document,
            actor,
            on_event,
            cancel,
            erase=erase,
            confirm_timeout=confirm_timeout,
            acknowledge=acknowledge,
        )

    def pending(self) -> PendingChange | None:
        """What waits for its confirmation."""
        from host.confirming import pending_change

        return pending_change(self._machine, self._jobs)

    def confirm(self, actor: Actor) -> JobRecord:
        """Keep what is pending."""
        from host.confirming import confirm

        return confirm(self._machine, self._jobs, actor)

    def revert(self, actor: Actor) -> JobRecord:
        """Put back what is pending."""
        from host.confirming import revert

        return revert(self._machine, self._jobs, actor)

    def revert_expired(self) -> JobRecord | None:
        """Put back what nobody confirmed in time."""
        from host.confirming import revert_expired

        return revert_expired(self._machine, self._jobs, Actor("guard", ""))

    def jobs(self) -> tuple[JobRecord, ...]:
        """Known jobs."""
        return self._jobs.records()

    def job(self, job: str) -> JobRecord:
        """One job."""
        return self._jobs.record(job)

    def resume(
        self,
        job: str,
        actor: Actor,
        on_event: Callable[[JobEvent], None] = lambda event: None,
        cancel: Event | None = None,
    ) -> JobRecord | None:
        """Resume an interrupted job."""
        from host.applying import resume_job
        from host.deployment.deploying import MANAGER_LANE

        if self._jobs.record(job).lane == MANAGER_LANE:
            return self.manager.resume(job, actor, on_event, cancel)
        return resume_job(self._machine, self._jobs, job, actor, on_event, cancel)

    def rollback(self, job: str, actor: Actor) -> JobRecord:
        """Roll an interrupted job back."""
        from host.applying import rollback_job
        from host.deployment.deploying import MANAGER_LANE

        if self._jobs.record(job).lane == MANAGER_LANE:
            return self.manager.roll_back(job, actor)
        return rollback_job(self._machine, self._jobs, job, actor)

    def maintenance(self) -> Maintenance | None:
        """Whether and why."""
        from host.maintenance import maintenance_of

        return maintenance_of(self._machine.files)

    def enter_maintenance(self, reason: str, actor: Actor) -> Maintenance:
        """Guests are no longer started at boot."""
        from host.maintenance import enter_maintenance

        return enter_maintenance(self._machine, reason, actor)

    def leave_maintenance(self, actor: Actor) -> None:
        """Guests are started at boot again."""
        from host.maintenance import leave_maintenance

        leave_maintenance(self._machine, actor)

    @cached_property
    def manager(self) -> ManagerApi:
        """See host.api.manager."""
        from host.doors.manager import ManagerDoor

        return ManagerDoor(
            self._machine, self._jobs, self._joining, self.virtualization, self.identity
        )

    @cached_property
    def network(self) -> NetworkApi:
        """See host.api.network."""
        from host.doors.network import NetworkDoor

        return NetworkDoor(self._machine, self._jobs)

    @cached_property
    def storage(self) -> StorageApi:
        """See host.api.storage."""
        from host.doors.storage import StorageDoor

        return StorageDoor(self._machine, self._jobs)

    @cached_property
    def security(self) -> SecurityApi:
        """See host.api.security."""
        from host.doors.security import SecurityDoor

        return SecurityDoor(self._machine, self._jobs)

    @cached_property
    def system(self) -> SystemApi:
        """See host.api.system."""
        from host.doors.system import SystemDoor

        return SystemDoor(self._machine, self._jobs)

    @cached_property
    def support(self) -> SupportApi:
        """See host.api.support."""
        from host.doors.support import SupportDoor

        return SupportDoor(self._machine, self._jobs, self.status)

    @cached_property
    def membership(self) -> MembershipApi:
        """See host.api.membership."""
        from host.doors.membership import MembershipDoor

        return MembershipDoor(self._machine, self._jobs)

    @cached_property
    def operation(self) -> OperationApi:
        """See host.api.operation."""
        from host.doors.operation import OperationDoor

        return OperationDoor(self._machine)
