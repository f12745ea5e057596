"""NetworkManager in memory (host.machine.network.NetworkDaemon)."""

from __future__ import annotations

from collections.abc import Mapping

from host.backends.simulated.simulation import Simulation
from host.document.network import Network


class SimulatedNetwork:
    """``active`` is the network whose profiles are loaded."""

    def __init__(self, simulation: Simulation) -> None:
        """The ports are those of the machine's JSON."""
        self._simulation = simulation
        self.active: Network | None = None

    def permanent_macs(self) -> Mapping[str, str]:
        """As the machine's JSON says."""
        return {
            interface["name"]: interface["mac"]
            for interface in self._simulation.facts.get("interfaces", ())
            if interface["kind"] == "ethernet"
        }

    def knows_profiles(self, network: Network) -> bool:
        """Whether it is the one that is loaded."""
        return self.active == network

    def load_and_activate(self, network: Network, changed_files: tuple[str, ...]) -> None:
        """Take it."""
        self._simulation.changes("network.load_and_activate", "network")
        self.active = network
