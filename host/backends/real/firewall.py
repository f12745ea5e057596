"""firewalld on this machine (host.machine.firewall.FirewallDaemon), firewalld.dbus(5)."""

from __future__ import annotations

from pathlib import Path

from host.backends.real.bus import Bus, BusFailure, Service
from host.machine.firewall import Opened

FIREWALLD = Service(
    "firewalld",
    "org.fedoraproject.FirewallD1",
    "/org/fedoraproject/FirewallD1",
    "firewalld",
)
_ZONE = "org.fedoraproject.FirewallD1.zone"
_FOLDERS = ("usr/lib/firewalld/services", "etc/firewalld/services")
_SILENT = ("ServiceUnknown", "NameHasNoOwner", "ServiceNotFound")


class RealFirewall:
    """The daemon, and the service files below ``root``."""

    def __init__(self, root: Path = Path("/")) -> None:
        """``root`` differs from ``/`` only in tests."""
        self._root = root

    def known_services(self) -> frozenset[str]:
        """From the files; the daemon reads the same."""
        return frozenset(
            path.stem for folder in _FOLDERS for path in (self._root / folder).glob("*.xml")
        )

    def opened(self, zone: str) -> Opened | None:
        """Ask the daemon."""
        with Bus() as bus:
            try:
                services = bus.call(FIREWALLD, "getServices", "s", zone, interface=_ZONE)
                ports = bus.call(FIREWALLD, "getPorts", "s", zone, interface=_ZONE)
            except BusFailure as failure:
                if failure.error.endswith(_SILENT):
                    return None
                raise
        return Opened(
            frozenset(services or ()),
            frozenset(f"{number}/{protocol}" for number, protocol in ports or ()),
        )

    def reload(self) -> None:
        """Ask the daemon."""
        with Bus(timeout=60) as bus:
            bus.call(FIREWALLD, "reload")
