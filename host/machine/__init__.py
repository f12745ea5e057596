"""What planning and applying need of a machine: one small port for each kind of thing.

A port says what is done, in the words of the daemon that does it; the real ones are in
host.backends.real, the simulated ones in host.backends.simulated, one file each. Ports raise
:class:`foundation.failure.Failure` and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from host.machine.accounts import Accounts
from host.machine.clock import Clock
from host.machine.crash import CrashKernel
from host.machine.enrolment import EnrolmentLink
from host.machine.files import Files
from host.machine.firewall import FirewallDaemon
from host.machine.guest_watch import GuestWatch
from host.machine.guests import Guests
from host.machine.hardware import HardwarePort
from host.machine.hostname import HostnameDaemon
from host.machine.inspection import Inspection
from host.machine.journal import SystemJournal
from host.machine.links import Links
from host.machine.locales import Locales
from host.machine.log_target import LogSender
from host.machine.manager import ManagerPorts
from host.machine.media import RemovableMedia
from host.machine.network import NetworkDaemon
from host.machine.services import Services
from host.machine.slots import RootSlots
from host.machine.storage import StoragePorts


@dataclass(frozen=True)
class Machine:
    """All ports of one machine. ``places`` says where this base's daemons look for drop-ins."""

    places: Mapping[str, str]
    files: Files
    services: Services
    hostname: HostnameDaemon
    clock: Clock
    network: NetworkDaemon
    storage: StoragePorts
    accounts: Accounts
    crash: CrashKernel
    enrolment: EnrolmentLink
    firewall: FirewallDaemon
    guest_watch: GuestWatch
    guests: Guests
    hardware: HardwarePort
    inspection: Inspection
    journal: SystemJournal
    links: Links
    locales: Locales
    log_sender: LogSender
    manager: ManagerPorts
    media: RemovableMedia
    slots: RootSlots
