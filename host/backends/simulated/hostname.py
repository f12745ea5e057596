"""A name in memory (host.machine.hostname.HostnameDaemon)."""

from __future__ import annotations

from host.backends.simulated.simulation import Simulation


class SimulatedHostname:
    """``name`` is static and current."""

    def __init__(self, simulation: Simulation, name: str) -> None:
        """The machine begins with ``name``."""
        self._simulation = simulation
        self.name = name

    def names(self) -> frozenset[str]:
        """The one name."""
        return frozenset((self.name,))

    def set_name(self, name: str) -> None:
        """Set it."""
        self._simulation.changes("hostname.set_name", "identity")
        self.name = name
