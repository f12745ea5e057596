"""SupportApi on the ports of a machine (host.api.support)."""

from __future__ import annotations

from host.jobs import Jobs
from host.machine import Machine


class SupportDoor:
    """See host.api.support.SupportApi."""

    def __init__(self, machine: Machine, jobs: Jobs) -> None:
        """The door to ``machine``."""
        self._machine = machine
        self._jobs = jobs
