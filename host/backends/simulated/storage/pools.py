"""Storage pools in memory (host.machine.pools.Pools)."""

from __future__ import annotations

from host.backends.simulated.simulation import Simulation
from host.storage_values import PoolStatus


class SimulatedPools:
    """``known`` are the pools by name."""

    def __init__(self, simulation: Simulation) -> None:
        """There are none."""
        self._simulation = simulation
        self.known: dict[str, PoolStatus] = {}

    def pools(self) -> tuple[PoolStatus, ...]:
        """All of them."""
        self._simulation.meet("pools.pools")
        return tuple(self.known[name] for name in sorted(self.known))

    def define(self, name: str, path: str) -> None:
        """Have it."""
        self._simulation.changes("pools.define", name)
        self.known[name] = PoolStatus(name, "dir", path, active=True, autostart=True)

    def remove(self, name: str) -> None:
        """Forget it."""
        self._simulation.changes("pools.remove", name)
        self.known.pop(name, None)
