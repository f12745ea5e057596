"""Units in memory (host.machine.services.Services)."""

from __future__ import annotations

from host.backends.simulated.simulation import Simulation


class SimulatedServices:
    """``enabled`` are the services that run."""

    def __init__(self, simulation: Simulation) -> None:
        """None runs."""
        self._simulation = simulation
        self.enabled: set[str] = set()

    def is_enabled(self, service: str) -> bool:
        """Whether it runs."""
        return service in self.enabled

    def enable(self, service: str) -> None:
        """Start it; a fault may be named after the service."""
        self._simulation.changes("services.enable", service)
        self.enabled.add(service)

    def enable_at_boot(self, service: str) -> None:
        """Here the same as starting it."""
        self._simulation.changes("services.enable_at_boot", service)
        self.enabled.add(service)

    def disable(self, service: str) -> None:
        """Stop it; a fault may be named after the service."""
        self._simulation.changes("services.disable", service)
        self.enabled.discard(service)

    def restart(self, service: str) -> None:
        """Nothing to see; a fault may be named after the service."""
        self._simulation.changes("services.restart", service)

    def is_running(self, service: str) -> bool:
        """Whether it is enabled; a fault may be named after the question."""
        self._simulation.meet("services.is_running")
        return service in self.enabled

    def restart_first(self, units: tuple[str, ...]) -> None:
        """Nothing to see; a fault may be named after the first unit."""
        self._simulation.changes("services.restart_first", units[0])
