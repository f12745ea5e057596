"""Log servers in memory (host.machine.log_target.LogSender)."""

from __future__ import annotations

from host.backends.simulated.simulation import Simulation
from host.document.system import LogTarget


class SimulatedLogSender:
    """``sent`` is what every server got; faults may be named after a server."""

    def __init__(self, simulation: Simulation) -> None:
        """All servers are there."""
        self._simulation = simulation
        self.sent: list[tuple[str, str]] = []

    def send(self, target: LogTarget, message: str) -> None:
        """Note it."""
        self._simulation.meet("log_target.send", target.host)
        self.sent.append((target.host, message))
