"""NetworkApi on the ports of a machine (host.api.network)."""

from __future__ import annotations

from host.jobs import Jobs
from host.machine import Machine


class NetworkDoor:
    """See host.api.network.NetworkApi."""

    def __init__(self, machine: Machine, jobs: Jobs) -> None:
        """The door to ``machine``."""
        self._machine = machine
        self._jobs = jobs
