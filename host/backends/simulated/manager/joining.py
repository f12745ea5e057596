"""Joining in memory (host.deployment.steps.Joining)."""

from __future__ import annotations

from foundation.joining import JoinString
from host.backends.simulated.simulation import Simulation


class SimulatedJoining:
    """``joined`` are the fingerprints of Managers that the host belongs to."""

    def __init__(self, simulation: Simulation) -> None:
        """It belongs to nobody."""
        self._simulation = simulation
        self.joined: set[str] = set()
        self.followed = ""

    def is_member(self, fingerprint: str) -> bool:
        """Whether it has joined."""
        return fingerprint in self.joined

    def join(self, wanted: JoinString) -> None:
        """A fault may be named ``join``."""
        self._simulation.changes("joining.join")
        self.joined.add(wanted.manager.fingerprint)

    def follow(self, fingerprint: str, address: str, port: int) -> None:
        """``followed`` is where it dials since."""
        self._simulation.meet("joining.follow")
        if fingerprint in self.joined:
            self.followed = address

    def leave(self, fingerprint: str) -> None:
        """Gone."""
        self._simulation.changes("joining.leave")
        self.joined.discard(fingerprint)
