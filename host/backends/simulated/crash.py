"""kdump in memory (host.machine.crash.CrashKernel)."""

from __future__ import annotations

from host.backends.simulated.simulation import Simulation


class SimulatedCrashKernel:
    """As the machine's JSON says (``crash``: reserved, loaded, dumps)."""

    def __init__(self, simulation: Simulation) -> None:
        """Without an entry, nothing is set aside."""
        self._facts = simulation.facts.get("crash", {})

    def reserved(self) -> int:
        """Bytes."""
        return int(self._facts.get("reserved", 0))

    def loaded(self) -> bool:
        """Whether it waits."""
        return bool(self._facts.get("loaded", False))

    def dumps(self, directory: str) -> tuple[str, ...]:
        """Whatever the directory."""
        return tuple(self._facts.get("dumps", ()))
