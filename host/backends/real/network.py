"""The network of this machine (host.machine.network.NetworkDaemon)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from host.backends.real import network_manager
from host.document.network import Network


class RealNetwork:
    """NetworkManager, and sysfs."""

    def permanent_macs(self) -> Mapping[str, str]:
        """Addresses of the wired ports that have hardware of their own, from sysfs.

        A port in a bond shows the bond's address there; the bond driver keeps the port's own.
        """
        macs = {}
        for port in sorted(Path("/sys/class/net").glob("*/device")):
            own = port.parent / "bonding_slave/perm_hwaddr"
            source = own if own.exists() else port.parent / "address"
            macs[port.parent.name] = source.read_text().strip()
        return macs

    def knows_profiles(self, network: Network) -> bool:
        """Ask NetworkManager."""
        return network_manager.knows_profiles(network)

    def load_and_activate(self, network: Network, changed_files: tuple[str, ...]) -> None:
        """Tell NetworkManager."""
        network_manager.load_and_activate(network, changed_files)
