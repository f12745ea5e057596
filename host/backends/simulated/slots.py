"""Root slots in memory (host.machine.slots.RootSlots)."""

from __future__ import annotations

from host.api.system import Slot
from host.backends.simulated.simulation import Simulation


class SimulatedRootSlots:
    """As the machine's JSON says (``slots``)."""

    def __init__(self, simulation: Simulation) -> None:
        """Without an entry, there are none."""
        self._simulation = simulation

    def slots(self) -> tuple[Slot, ...]:
        """Every slot."""
        self._simulation.meet("slots")
        return tuple(Slot(**each) for each in self._simulation.facts.get("slots", ()))
