"""ManagerApi on the ports of a machine (host.api.manager)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event
from typing import Literal

from foundation.failure import Failure
from host.api.manager import (
    DeploymentResult,
    FoundManager,
    ManagerStatus,
    OnEvent,
    Suggestions,
    ignore_event,
)
from host.audit import Actor, record
from host.deployment import (
    backups,
    deploying,
    exporting,
    moving,
    moving_live,
    placing,
    preflight,
    readdressing,
    resuming,
    running,
    suggesting,
    taking_back,
    unattended,
    upgrading,
)
from host.deployment.appliance import find_appliance
from host.deployment.descriptor import Kept, keep
from host.deployment.plan import DeploymentPlan, make_plan
from host.deployment.preflight_check import Preflight
from host.deployment.steps import Joining
from host.deployment.work import Work
from host.document.deployment import DeploymentRequest
from host.jobs import JobRecord, Jobs
from host.machine import Machine
from host.machine.manager.domains import Console
from host.status import HostIdentity, Virtualization

# The first that the host's QEMU has; without an image that tells, VNC is everywhere.
_DISPLAYS: tuple[Literal["spice", "vnc"], ...] = ("spice", "vnc")


class ManagerDoor:
    """See host.api.manager.ManagerApi."""

    def __init__(
        self,
        machine: Machine,
        jobs: Jobs,
        joining: Callable[[Actor], Joining],
        virtualization: Callable[[], Virtualization],
        identity: Callable[[], HostIdentity],
    ) -> None:
        """The door to ``machine``."""
        self._machine = machine
        self._jobs = jobs
        self._joining = joining
        self._virtualization = virtualization
        self._identity = identity

    def suggestions(self) -> Suggestions:
        """See host.deployment.suggesting."""
        return suggesting.suggest(self._machine)

    def preflight(
        self,
        request: DeploymentRequest,
        on_check: Callable[[Preflight], None] = lambda check: None,
    ) -> tuple[Preflight, ...]:
        """See host.deployment.preflight."""
        version = self._identity().version
        return preflight.look(self._machine, request, self._virtualization, version, on_check)

    def plan(self, request: DeploymentRequest) -> DeploymentPlan:
        """From the image, the storage, and how guests run here."""
        image = find_appliance(self._machine, request.image)
        trial = self._machine.manager.images.try_storage(request.folder)
        return make_plan(request, image, self._accelerator(), self._display(), trial.direct)

    def deploy(
        self,
        plan: DeploymentPlan,
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
        acknowledge: Sequence[str] = (),
    ) -> DeploymentResult:
        """Preflight, then the job."""
        deploying.refuse_open(self._jobs)
        checks = self.preflight(plan.request)
        preflight.refuse_unmet(checks, acknowledge)
        accepted = tuple(c.name for c in checks if c.state != "ok" and c.name in acknowledge)
        return deploying.deploy(
            plan,
            self._machine,
            self._jobs,
            self._joining(actor),
            self._host,
            actor,
            on_event,
            cancel or Event(),
            accepted,
        )

    def retry(
        self,
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
        job: str = "",
    ) -> DeploymentResult:
        """The one there is."""
        known = deploying.open_job(self._jobs)
        if not job and known is None:
            raise Failure("No deployment is half done.", "See `flexvdi-config manager status`.")
        return deploying.retry(
            job or (known.id if known is not None else ""),
            self._machine,
            self._jobs,
            self._joining(actor),
            self._host,
            actor,
            on_event,
            cancel or Event(),
        )

    def deploy_unattended(
        self, actor: Actor, on_event: OnEvent = ignore_event
    ) -> DeploymentResult | None:
        """See host.deployment.unattended."""
        return unattended.deploy(self, self._machine, self._jobs, actor, on_event)

    def resume(
        self,
        job: str,
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
    ) -> JobRecord:
        """A deployment, or other work on the Manager."""
        if deploying.is_deployment(job, self._jobs):
            return self.retry(actor, on_event, cancel, job).job
        ended = resuming.resume(job, self._work(actor, on_event, cancel))
        self._follow(actor)
        return ended

    def roll_back(self, job: str, actor: Actor) -> JobRecord:
        """Of a deployment, or of other work on the Manager."""
        return taking_back.roll_back(job, self._machine, self._jobs, self._joining(actor), actor)

    def status(self) -> ManagerStatus:
        """See host.deployment.running."""
        return running.status_of(self._machine, self._jobs, self._host)

    def start(self, actor: Actor, believed_dead: str = "") -> None:
        """Recorded, with the host that was believed dead."""
        words = f" though {believed_dead} had it" if believed_dead else ""
        with _recorded(actor, "start", f"Started the Manager{words}"):
            deploying.refuse_under_way(self._jobs)
            running.start(self._machine, self._host, believed_dead)

    def stop(self, actor: Actor) -> None:
        """Recorded."""
        with _recorded(actor, "stop", "Shut the Manager down"):
            emulated = self._virtualization().accelerator == "tcg"
            running.stop(self._machine, self._host, running.patience(emulated))

    def force_off(self, actor: Actor) -> None:
        """Recorded."""
        with _recorded(actor, "force-off", "Forced the Manager off"):
            running.force_off(self._machine, self._host)

    def set_autostart(self, on: bool, actor: Actor) -> None:
        """In the descriptor, and in libvirt."""
        words = "The Manager starts with this host" if on else "The Manager is started by hand"
        with _recorded(actor, "autostart", words):
            kept = running.required(self._machine)
            self._machine.manager.domains.set_autostart(kept.descriptor.name, on)
            keep(
                self._machine,
                Kept(folder=kept.folder, descriptor=kept.descriptor.changed(autostart=on)),
            )

    def console(self) -> Console:
        """Taken over from whoever has it."""
        name = running.required(self._machine).descriptor.name
        return self._machine.manager.domains.open_console(name)

    def console_text(self) -> str:
        """From its log."""
        name = running.required(self._machine).descriptor.name
        return self._machine.manager.domains.console_text(name)

    def found(self) -> tuple[FoundManager, ...]:
        """See host.deployment.placing."""
        return placing.found(self._machine)

    def adopt(self, folder: str, actor: Actor) -> None:
        """Recorded."""
        with _recorded(actor, "adopt", f"Adopted the Manager in {folder}"):
            deploying.refuse_under_way(self._jobs)
            placing.adopt(self._machine, folder, self._accelerator())

    def release(self, actor: Actor) -> None:
        """Recorded."""
        with _recorded(actor, "release", "Released the Manager; its files stay"):
            deploying.refuse_under_way(self._jobs)
            placing.release(self._machine)

    def remove(self, name: str, actor: Actor) -> None:
        """Recorded."""
        with _recorded(actor, "remove", f"Destroyed the Manager {name}"):
            deploying.refuse_under_way(self._jobs)
            placing.remove(self._machine, name)

    def export(
        self,
        target: str,
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
    ) -> str:
        """As a job."""
        return exporting.export(self._work(actor, on_event, cancel), target)

    def import_from(
        self,
        source: str,
        folder: str,
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
    ) -> JobRecord:
        """As a job."""
        work = self._work(actor, on_event, cancel)
        return exporting.import_from(work, source, folder, self._accelerator())

    def move(
        self,
        destination: str,
        folder: str,
        live: bool,
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
    ) -> JobRecord:
        """As a job."""
        work = self._work(actor, on_event, cancel)
        if live:
            return moving_live.move_live(work, destination)
        return moving.move_cold(work, destination, folder)

    def upgrade(
        self,
        image: str,
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
    ) -> JobRecord:
        """As a job."""
        work = self._work(actor, on_event, cancel)
        appliance = find_appliance(self._machine, image)
        return upgrading.upgrade(work, appliance)

    def change_address(
        self,
        address: str,
        gateway: str | None,
        dns: tuple[str, ...],
        actor: Actor,
        on_event: OnEvent = ignore_event,
        cancel: Event | None = None,
    ) -> JobRecord:
        """As a job."""
        work = self._work(actor, on_event, cancel)
        made = readdressing.change_address(work, address, gateway, dns)
        self._follow(actor)
        return made

    def backup(self, actor: Actor, on_event: OnEvent = ignore_event) -> str:
        """As a job."""
        return backups.back_up(self._work(actor, on_event, None))

    def backup_if_due(self, actor: Actor) -> str | None:
        """See host.deployment.backups."""
        return backups.back_up_if_due(self._work(actor, ignore_event, None))

    def set_backup_hour(self, hour: int | None, actor: Actor) -> None:
        """In the descriptor."""
        words = "No backups are made by themselves" if hour is None else f"Backups at {hour}:00"
        with _recorded(actor, "backup-hour", words):
            kept = running.required(self._machine)
            descriptor = kept.descriptor.changed(backup_hour=hour)
            keep(self._machine, Kept(folder=kept.folder, descriptor=descriptor))

    def backups(self) -> tuple[str, ...]:
        """Names."""
        return backups.names(self._machine)

    def restore(self, backup: str, actor: Actor, on_event: OnEvent = ignore_event) -> None:
        """As a job."""
        backups.restore(self._work(actor, on_event, None), backup)

    @property
    def _host(self) -> str:
        return self._identity().hostname

    def _follow(self, actor: Actor) -> None:
        """Tell the Agent of this very host where the Manager is, so that it need not look for it.

        Should the Manager be off, or not be believed, that is in the audit log, and takes nothing
        back of what was done.
        """
        with suppress(Failure):
            descriptor = running.required(self._machine).descriptor
            self._joining(actor).follow(descriptor.fingerprint, descriptor.ip, descriptor.port)

    def _accelerator(self) -> Literal["kvm", "tcg"]:
        found = self._virtualization()
        if found.accelerator is None:
            raise Failure(
                found.reason, "Install QEMU, or switch virtualization on in the firmware."
            )
        return found.accelerator

    def _display(self) -> Literal["spice", "vnc"]:
        known = self._identity().displays or ()
        return next((display for display in _DISPLAYS if display in known), "vnc")

    def _work(self, actor: Actor, on_event: OnEvent, cancel: Event | None) -> Work:
        return Work(
            self._machine,
            self._jobs,
            actor,
            on_event,
            cancel or Event(),
            self._host,
            lambda: self._virtualization().accelerator == "tcg",
        )


@contextmanager
def _recorded(actor: Actor, action: str, words: str) -> Iterator[None]:
    """Leave one audit record, whatever comes of it."""
    fields = {"verb": f"manager {action}"}
    try:
        yield
    except Failure as failure:
        record(actor, f"manager-{action}", "failed", f"{words}: {failure.cause}", **fields)
        raise
    record(actor, f"manager-{action}", "done", f"{words}.", **fields)
