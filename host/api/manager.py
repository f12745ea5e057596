"""ManagerApi: the Manager's guest on this host – deploying, running, moving and keeping it.

The calls that take long are jobs: they are followed by events, cancelled by ``cancel``, and what
was interrupted goes on with :meth:`ManagerApi.retry` or is taken back by ``HostApi.rollback``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from threading import Event
from typing import TYPE_CHECKING, Any, Protocol

from foundation.secret import Secret
from host.audit import Actor
from host.status import HealthCheck

if TYPE_CHECKING:
    from host.deployment.plan import DeploymentPlan
    from host.deployment.preflight_check import Preflight
    from host.document.deployment import DeploymentRequest
    from host.jobs import JobEvent, JobRecord
    from host.machine.manager.domains import Console

OnEvent = Callable[["JobEvent"], None]


def ignore_event(_event: JobEvent) -> None:
    """For those who do not want to follow."""


@dataclass(frozen=True)
class Suggestions:
    """What a form starts from. ``folders`` are (path, free bytes); ``memory`` is in MiB.

    ``gateways`` are this host's ways out, the best one first, IPv4 before IPv6 as ``subnets``.
    ``problem`` says why there is no image; the values that it would give are 0 then.
    """

    bridges: tuple[str, ...]
    folders: tuple[tuple[str, int], ...]
    gateways: tuple[str, ...]
    dns: tuple[str, ...]
    subnets: tuple[str, ...]
    image: str
    version: str
    vcpus: int
    memory: int
    data_disk: int
    problem: str = ""

    def gateway_for(self, address: str) -> str | None:
        """The way out that a Manager of ``address`` can take; ValueError for what is none."""
        from host.document.deployment import is_next_hop

        return next((one for one in self.gateways if is_next_hop(one, address)), None)


@dataclass(frozen=True)
class DeploymentResult:
    """A Manager that runs. ``setup_secret`` is empty unless the set-up is left to a person."""

    job: JobRecord
    address: str
    fingerprint: str
    setup_secret: Secret


@dataclass(frozen=True)
class FoundManager:
    """A Manager's guest that lies on storage of this host."""

    folder: str
    name: str
    address: str
    version: str
    running_on: str
    known: bool


@dataclass(frozen=True)
class ManagerStatus:
    """The Manager of this host: ``state`` is its guest's, ``checks`` say what is how and why.

    ``job`` is one about the Manager that is under way or half done, ``deploying`` whether that is
    a deployment; ``manager`` (the descriptor's values) is None where this host has no Manager.
    """

    manager: dict[str, Any] | None
    folder: str
    state: str
    display: str
    checks: tuple[HealthCheck, ...]
    job: JobRecord | None
    deploying: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON-ready values."""
        return asdict(self)


class ManagerApi(Protocol):
    """The Manager's guest."""

    def suggestions(self) -> Suggestions:
        """What could be filled in where a Manager is asked for."""

    def preflight(
        self,
        request: DeploymentRequest,
        on_check: Callable[[Preflight], None] = lambda check: None,
    ) -> tuple[Preflight, ...]:
        """Look whether it can be deployed; changes nothing, as often as wanted."""

    def plan(self, request: DeploymentRequest) -> DeploymentPlan:
        """What would be done; changes nothing."""

    def deploy(
        self,
        plan: DeploymentPlan,
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
        acknowledge: Sequence[str] = (),
    ) -> DeploymentResult:
        """Carry ``plan`` out. Preflight is made again; its warnings must be acknowledged by name.

        A failure leaves what is done, so that it can go on, or be rolled back.
        """

    def retry(
        self,
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
        job: str = "",
    ) -> DeploymentResult:
        """Go on with the deployment that failed or was interrupted."""

    def deploy_unattended(
        self, actor: Actor, on_event: OnEvent = ignore_event
    ) -> DeploymentResult | None:
        """Deploy what an unattended installation has asked for; None when it asked for nothing.

        What was interrupted or has failed goes on. The request is removed when it is done.
        """

    def resume(
        self,
        job: str,
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
    ) -> JobRecord:
        """Go on with a job about the Manager that was interrupted; as ``HostApi.resume``."""

    def roll_back(self, job: str, actor: Actor) -> JobRecord:
        """Take back what a job about the Manager has done; as ``HostApi.rollback``."""

    def status(self) -> ManagerStatus:
        """How it is, with reasons; quick."""

    def start(self, actor: Actor, believed_dead: str = "") -> None:
        """Start the guest. If another host may still run it, ``believed_dead`` must be its name."""

    def stop(self, actor: Actor) -> None:
        """Ask its system to shut down, and wait until it has."""

    def force_off(self, actor: Actor) -> None:
        """End it at once."""

    def set_autostart(self, on: bool, actor: Actor) -> None:
        """Have it started whenever this host starts."""

    def console(self) -> Console:
        """Its serial console."""

    def console_text(self) -> str:
        """What its serial console has said."""

    def found(self) -> tuple[FoundManager, ...]:
        """Managers on the storage of this host, by their descriptors."""

    def adopt(self, folder: str, actor: Actor) -> None:
        """Define the Manager in ``folder`` on this host; it is not started."""

    def release(self, actor: Actor) -> None:
        """Forget the Manager here; its files stay where they are. It must be off."""

    def remove(self, name: str, actor: Actor) -> None:
        """Destroy the Manager and its data for good; ``name`` must be its name."""

    def export(
        self,
        target: str,
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
    ) -> str:
        """Write it all into one tar, ``target`` (a file, or a folder); it must be off.

        Returns the file's path.
        """

    def import_from(
        self,
        source: str,
        folder: str,
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
    ) -> JobRecord:
        """Bring an export back below ``folder``; it is checked, defined, and not started."""

    def move(
        self,
        destination: str,
        folder: str,
        live: bool,
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
    ) -> JobRecord:
        """Move it to the host ``destination`` (as SSH names it).

        ``live`` keeps it running, on storage that both hosts share. Otherwise it is stopped,
        copied into ``folder`` over there, started there, and only then removed here.
        """

    def upgrade(
        self,
        image: str,
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
    ) -> JobRecord:
        """Put a newer system image in the place of the old one; its data stays.

        If the new one does not answer, the old one comes back.
        """

    def change_address(
        self,
        address: str,
        gateway: str | None,
        dns: tuple[str, ...],
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
    ) -> JobRecord:
        """Give it another address (with its prefix length), which restarts it."""

    def backup(self, actor: Actor, on_event: OnEvent = ignore_event) -> str:
        """Have the Manager back its state up, into a file beside its disks; returns its path."""

    def backup_if_due(self, actor: Actor) -> str | None:
        """What the timer does each hour: back up at the hour that was chosen."""

    def set_backup_hour(self, hour: int | None, actor: Actor) -> None:
        """Back up each day in this hour (0 to 23, local time); None does not."""

    def backups(self) -> tuple[str, ...]:
        """The backups beside the disks, the latest first."""

    def restore(self, backup: str, actor: Actor, on_event: OnEvent = ignore_event) -> None:
        """Have the running Manager take back the state in a backup (a name, or a path)."""
