"""firewalld in memory (host.machine.firewall.FirewallDaemon)."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

from host.backends.simulated.files import SimulatedFiles
from host.backends.simulated.services import SimulatedServices
from host.backends.simulated.simulation import Simulation
from host.document.system_files import FIREWALL_ZONE_FILE
from host.machine.firewall import Opened

_KNOWN = "cockpit dhcpv6-client dns http https iscsi-target libvirt mountd nfs ntp ssh vnc-server"


class SimulatedFirewall:
    """It runs when its service does, and follows its zone file when it is told to."""

    def __init__(
        self, simulation: Simulation, files: SimulatedFiles, services: SimulatedServices
    ) -> None:
        """Nothing is open."""
        self._simulation = simulation
        self._files = files
        self._services = services
        self._opened = Opened(frozenset(), frozenset())

    def known_services(self) -> frozenset[str]:
        """A few of firewalld's."""
        return frozenset(_KNOWN.split())

    def opened(self, zone: str) -> Opened | None:
        """What it was told last."""
        return self._opened if self._services.is_enabled("firewall") else None

    def reload(self) -> None:
        """Read the zone file."""
        self._simulation.changes("firewall.reload", "firewall")
        content = self._files.read(FIREWALL_ZONE_FILE)
        zone = fromstring(content.text) if content else fromstring("<zone/>")
        self._opened = Opened(
            frozenset(each.attrib["name"] for each in zone.iter("service")),
            frozenset(f"{e.attrib['port']}/{e.attrib['protocol']}" for e in zone.iter("port")),
        )
