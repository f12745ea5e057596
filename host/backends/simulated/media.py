"""Sticks in memory (host.machine.media.RemovableMedia)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foundation.failure import Failure
from host.api.support import RemovablePartition
from host.backends.simulated.simulation import Simulation


class SimulatedRemovableMedia:
    """As the machine's JSON says (``sticks``); ``written`` maps devices to the names left there."""

    def __init__(self, simulation: Simulation) -> None:
        """Without an entry, nothing is plugged in."""
        self._simulation = simulation
        self.written: dict[str, tuple[str, ...]] = {}

    def partitions(self) -> tuple[RemovablePartition, ...]:
        """Every stick."""
        self._simulation.meet("media")
        return tuple(
            RemovablePartition(**each) for each in self._simulation.facts.get("sticks", ())
        )

    @contextmanager
    def mounted(self, device: str) -> Iterator[Path]:
        """A folder that goes away with the context."""
        if device not in {partition.device for partition in self.partitions()}:
            raise Failure(f"{device} is not a filesystem on a stick.")
        self._simulation.changes("media.mounted", device)
        with tempfile.TemporaryDirectory(prefix="flexvdi-simulated-stick-") as folder:
            yield Path(folder)
            self.written[device] = tuple(sorted(entry.name for entry in Path(folder).iterdir()))
