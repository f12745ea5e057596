"""StorageApi on the ports of a machine (host.api.storage)."""

from __future__ import annotations

from host.jobs import Jobs
from host.machine import Machine


class StorageDoor:
    """See host.api.storage.StorageApi."""

    def __init__(self, machine: Machine, jobs: Jobs) -> None:
        """The door to ``machine``."""
        self._machine = machine
        self._jobs = jobs
