"""Guests in memory (host.machine.guests.Guests)."""

from __future__ import annotations

from host.backends.simulated.simulation import Simulation


class SimulatedGuests:
    """``autostart`` are the names of those that start at boot (JSON: ``autostart``)."""

    def __init__(self, simulation: Simulation) -> None:
        """As the machine's JSON says."""
        self._simulation = simulation
        self.autostart: set[str] = set(simulation.facts.get("autostart", ()))

    def running(self) -> int:
        """As the machine's JSON says."""
        self._simulation.meet("guests")
        return int(self._simulation.facts.get("guests") or 0)

    def autostarted(self) -> tuple[str, ...]:
        """By name."""
        self._simulation.meet("guests")
        return tuple(sorted(self.autostart))

    def set_autostart(self, guest: str, on: bool) -> None:
        """A fault may be named after the guest."""
        self._simulation.changes("guests.set_autostart", guest)
        (self.autostart.add if on else self.autostart.discard)(guest)
