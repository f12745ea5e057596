"""The host this program runs on."""

from __future__ import annotations

import json
import logging
import socket
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.secret import Secret
from host.audit import Actor, record, this_actor
from host.backends.host_on_machine import HostOnMachine
from host.status import (
    HostIdentity,
    HostStatus,
    InterfaceStatus,
    PowerAction,
    PowerSituation,
    Virtualization,
)

if TYPE_CHECKING:
    from foundation.image_release import ImageRelease
    from host.deployment.steps import Joining
    from host.document.network import Network
    from host.jobs import JobRecord, Jobs
    from host.machine import Machine

log = logging.getLogger("flexvdi.host")

_RELEASE = Path("/usr/lib/flexvdi/release.json")
_POWER_METHODS: dict[PowerAction, str] = {"reboot": "Reboot", "poweroff": "PowerOff"}


class RealHost(HostOnMachine):
    """HostApi on this machine. Heavy imports happen in the calls that need them."""

    def identity(self) -> HostIdentity:
        """Kernel host name; product, version and displays of the image."""
        hostname = socket.gethostname()
        try:
            release = json.loads(_RELEASE.read_text())
            return HostIdentity(
                hostname,
                str(release["product"]),
                str(release["version"]),
                tuple(str(display) for display in release["displays"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            log.debug("this system has no %s", _RELEASE)
        return HostIdentity(hostname, "flexVDI", "development")

    def status(self) -> HostStatus:
        """Look at everything once; a part that cannot be had is an unhealthy check, no error."""
        from host.backends.real import health
        from host.backends.real.interfaces import default_route, interfaces, management_interface
        from host.deployment.running import checks_of_host
        from host.membership_health import membership_health
        from host.status import HealthCheck

        checks = []
        links: tuple[InterfaceStatus, ...] = ()
        route = None
        try:
            links = interfaces()
            route = default_route()
        except Failure as failure:
            checks.append(HealthCheck("Network", "unknown", failure.cause, failure.remedy))
        management = management_interface(self._network(), links, route[1] if route else None)
        virtualization, guests = health.libvirt()
        maintenance = self.maintenance()
        manager, membership = membership_health(self.membership)
        status = HostStatus(
            identity=self.identity(),
            interfaces=links,
            management=management,
            gateway=route[0] if route else None,
            uptime=float(Path("/proc/uptime").read_text().split()[0]),
            guests=guests,
            manager=manager,
            maintenance=maintenance,
        )
        checks += [
            health.management_network(status.management_address, management),
            virtualization,
            *((membership,) if membership is not None else ()),
            *self.storage.checks(),
            *checks_of_host(self._machine, status.identity.hostname),
            *(found for check in health.SIMPLE_CHECKS if (found := check()) is not None),
        ]
        return HostStatus(**{**vars(status), "checks": tuple(checks)})

    def apply_at_boot(self) -> JobRecord | None:
        """Apply the document on disk and leave a report for the status."""
        from host.applying import apply_at_boot

        report: dict[str, str] = {"state": "ok"}
        try:
            return apply_at_boot(self._machine, self._jobs, this_actor("boot"))
        except Failure as failure:
            place = f"{failure.where}: " if failure.where else ""
            report = {
                "state": "failed",
                "cause": place + failure.cause,
                "remedy": failure.remedy,
            }
            raise
        finally:
            _leave_boot_report(report)

    def power_situation(self) -> PowerSituation:
        """Running guests, and programs that ask the system to stay up."""
        from host.backends.real import health
        from host.backends.real.bus import LOGIND, Bus

        _check, guests = health.libvirt(within=60)
        with Bus(timeout=5) as bus:
            inhibitors = bus.call(LOGIND, "ListInhibitors")
        return PowerSituation(
            guests,
            tuple(
                f"{who}: {why}"
                for what, who, why, mode, _uid, _pid in inhibitors
                if "shutdown" in what.split(":") and mode == "block"
            ),
        )

    def power(self, action: PowerAction, actor: Actor, reason: str = "") -> None:
        """Ask logind, which stops services and guests in order."""
        from host.backends.real.bus import LOGIND, Bus

        because = f": {reason}" if reason else ""
        words = f"{action} asked for by {actor}{because}."
        record(actor, action, "done", words, verb=f"power {action}", reason=reason)
        with Bus() as bus:
            bus.call(LOGIND, _POWER_METHODS[action], "b", False)

    def authenticate(self, name: str, password: Secret, actor: Actor) -> None:
        """Ask PAM; every attempt leaves a record."""
        from host.backends.real.authentication import check_password

        asking = Actor(name, actor.origin)
        try:
            check_password(name, password, self._may_log_in())
        except Failure:
            record(asking, "login", "refused", "A log-in was refused.")
            raise
        record(asking, "login", "done", "A person logged in.")

    def virtualization(self) -> Virtualization:
        """Start a guest to see."""
        from host.backends.real.virtualization import probe

        return probe()

    def shell_command(self, user: str) -> tuple[str, ...]:
        """A log-in shell of ``user``, in a session of its own."""
        return ("runuser", "--login", user)

    def _joining(self, actor: Actor) -> Joining:
        from host.deployment.membership import MembershipJoining

        return MembershipJoining(self.membership, actor)

    def _may_log_in(self) -> frozenset[str]:
        try:
            administrators = self.document().access.administrators
        except Failure:  # without a usable document, root can still get in and mend it
            administrators = ()
        return frozenset(("root", *(person.name for person in administrators)))

    def _network(self) -> Network | None:
        try:
            return self.document().network
        except Failure:
            return None

    @cached_property
    def _release(self) -> ImageRelease | None:
        from foundation.image_release import read_release

        try:
            return read_release()
        except Failure:
            return None

    @cached_property
    def _machine(self) -> Machine:
        from host.backends.real.machine import real_machine

        return real_machine(
            units=self._release.services if self._release else None,
            places=self._release.places if self._release else None,
        )

    @cached_property
    def _jobs(self) -> Jobs:
        from host.jobs import Jobs

        return Jobs()


def _leave_boot_report(report: dict[str, str]) -> None:
    from host.backends.real.health import BOOT_REPORT

    try:
        BOOT_REPORT.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(BOOT_REPORT, json.dumps(report))
    except OSError as error:
        log.warning("%s could not be written: %s", BOOT_REPORT, error.strerror)
