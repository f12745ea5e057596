"""Resolver, size, and a Manager that answers, in memory."""

from __future__ import annotations

from foundation.failure import Failure
from host.backends.simulated.manager.domains import FINGERPRINT, SimulatedDomains
from host.backends.simulated.simulation import Simulation
from host.machine.manager.link import ManagerHealth


class SimulatedManagerLink:
    """Answers while a domain runs (JSON: ``appliance.health`` changes what it says)."""

    def __init__(self, simulation: Simulation, domains: SimulatedDomains) -> None:
        """As the machine's JSON says."""
        self._simulation = simulation
        self._domains = domains

    def health(self, address: str, port: int, fingerprint: str) -> ManagerHealth | None:
        """Of the appliance that runs."""
        self._simulation.meet("link.health")
        if not any(known.domain.is_active for known in self._domains.known.values()):
            return None
        if fingerprint != FINGERPRINT:
            raise Failure("Another Manager answers at this address.", "Choose a free address.")
        told = self._simulation.facts.get("appliance", {}).get("health", {})
        version = self._simulation.facts["version"]
        said = {"status": "ok", "version": version, "setup_done": True, **told}
        return ManagerHealth(**{"works": said["status"] == "ok", **said})


class SimulatedCapacity:
    """JSON: ``capacity`` with ``processors`` and ``memory`` (GiB: all, available)."""

    def __init__(self, simulation: Simulation) -> None:
        """As the machine's JSON says."""
        self._simulation = simulation

    def processors(self) -> int:
        """16 unless said."""
        self._simulation.meet("capacity.processors")
        return int(self._simulation.facts.get("capacity", {}).get("processors", 16))

    def memory(self) -> tuple[int, int]:
        """64 GiB, of which 48 are available, unless said."""
        self._simulation.meet("capacity.memory")
        total, available = self._simulation.facts.get("capacity", {}).get("memory", (64, 48))
        return int(total * (1 << 30)), int(available * (1 << 30))


class SimulatedNameService:
    """JSON: ``names`` maps names to addresses; ``reverse`` addresses to names."""

    def __init__(self, simulation: Simulation) -> None:
        """As the machine's JSON says."""
        self._simulation = simulation

    def addresses(self, name: str) -> tuple[str, ...]:
        """As said."""
        self._simulation.meet("names.addresses")
        return tuple(self._simulation.facts.get("names", {}).get(name, ()))

    def names(self, address: str) -> tuple[str, ...]:
        """As said."""
        self._simulation.meet("names.names")
        return tuple(self._simulation.facts.get("reverse", {}).get(address, ()))
