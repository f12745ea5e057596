"""SystemApi on the ports of a machine (host.api.system)."""

from __future__ import annotations

from host.jobs import Jobs
from host.machine import Machine


class SystemDoor:
    """See host.api.system.SystemApi."""

    def __init__(self, machine: Machine, jobs: Jobs) -> None:
        """The door to ``machine``."""
        self._machine = machine
        self._jobs = jobs
