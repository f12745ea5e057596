"""A clock in memory (host.machine.clock.Clock)."""

from __future__ import annotations

from typing import Any

from host.api.system import TimeSource
from host.backends.simulated.simulation import Simulation


class SimulatedClock:
    """``zone`` is in force; ``utc`` is what the hardware clock keeps."""

    def __init__(self, simulation: Simulation) -> None:
        """A clock as from the factory."""
        self._simulation = simulation
        self.zone = "UTC"
        self.utc = True

    def timezone(self) -> str:
        """The zone."""
        return self.zone

    def set_timezone(self, name: str) -> None:
        """Set the zone."""
        self._simulation.changes("clock.set_timezone", "time")
        self.zone = name

    def set_hardware_clock(self, utc: bool) -> None:
        """Set what the hardware clock keeps."""
        self._simulation.changes("clock.set_hardware_clock")
        self.utc = utc

    def reload_sources(self) -> None:
        """Nothing to see."""
        self._simulation.changes("clock.reload_sources")

    def synchronised(self) -> bool:
        """As the machine's JSON says (``clock``)."""
        return bool(self._facts.get("synchronised", False))

    def sources(self) -> tuple[TimeSource, ...]:
        """As the machine's JSON says."""
        self._simulation.meet("clock.sources")
        return tuple(TimeSource(**source) for source in self._facts.get("sources", ()))

    def offset(self) -> float | None:
        """As the machine's JSON says."""
        return self._facts.get("offset")

    @property
    def _facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = self._simulation.facts.get("clock", {})
        return facts
