"""All ports of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from host.backends.real.accounts import RealAccounts
from host.backends.real.clock import RealClock
from host.backends.real.crash import RealCrashKernel
from host.backends.real.enrolment import RealEnrolmentLink
from host.backends.real.files import RealFiles
from host.backends.real.firewall import RealFirewall
from host.backends.real.guest_watch import RealGuestWatch
from host.backends.real.guests import RealGuests
from host.backends.real.hardware import RealHardware
from host.backends.real.hostname import RealHostname
from host.backends.real.inspection import RealInspection
from host.backends.real.journal import RealJournal
from host.backends.real.links import RealLinks
from host.backends.real.locales import RealLocales
from host.backends.real.log_target import RealLogSender
from host.backends.real.manager.ports import real_manager_ports
from host.backends.real.media import RealRemovableMedia
from host.backends.real.network import RealNetwork
from host.backends.real.services import RealServices
from host.backends.real.slots import RealRootSlots
from host.backends.real.storage.machine import real_storage
from host.machine import Machine


def real_machine(
    units: Mapping[str, str] | None = None,
    places: Mapping[str, str] | None = None,
    root: Path = Path("/"),
) -> Machine:
    """This host. ``units`` and ``places`` are what the image's release says of its base."""
    return Machine(
        places=places or {},
        files=RealFiles(root),
        services=RealServices(units),
        hostname=RealHostname(),
        clock=RealClock(),
        network=RealNetwork(),
        storage=real_storage(places),
        accounts=RealAccounts(root),
        crash=RealCrashKernel(root),
        enrolment=RealEnrolmentLink(),
        firewall=RealFirewall(root),
        guest_watch=RealGuestWatch(),
        guests=RealGuests(),
        hardware=RealHardware(),
        inspection=RealInspection(),
        journal=RealJournal(),
        links=RealLinks(),
        locales=RealLocales(),
        log_sender=RealLogSender(),
        manager=real_manager_ports(),
        media=RealRemovableMedia(),
        slots=RealRootSlots(root),
    )
