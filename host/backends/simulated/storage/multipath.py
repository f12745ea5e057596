"""Multipath devices in memory (host.machine.multipath.MultipathDaemon).

Disks with the same WWN that came by several sessions are the paths of one device.
"""

from __future__ import annotations

from host.backends.simulated.simulation import Simulation
from host.backends.simulated.storage.disks import SimulatedDisks
from host.backends.simulated.storage.iscsi import SimulatedISCSI
from host.storage_values import MultipathDevice, MultipathPath


class SimulatedMultipath:
    """A daemon that always runs."""

    def __init__(
        self, simulation: Simulation, disks: SimulatedDisks, iscsi: SimulatedISCSI
    ) -> None:
        """Paths come from ``disks``, and fail with the sessions of ``iscsi``."""
        self._simulation = simulation
        self._disks = disks
        self._iscsi = iscsi

    def runs(self) -> bool:
        """It does."""
        self._simulation.meet("multipath.runs")
        return True

    def devices(self) -> tuple[MultipathDevice, ...]:
        """One for each disk that is seen by more than one session."""
        self._simulation.meet("multipath.devices")
        found = []
        for name, disk in self._disks.known.items():
            sessions = [s for s in self._iscsi.sessions() if name in s.disks]
            if len(sessions) < 2:
                continue
            wwid = f"3{disk.wwn.removeprefix('0x')}"
            paths = tuple(
                MultipathPath(
                    device=f"{name}{session.id}",
                    address=f"{session.id}:0:0:1",
                    state="active" if session.works else "failed",
                    checker="ready" if session.works else "faulty",
                    adapter=session.portal,
                    target=session.target,
                )
                for session in sessions
            )
            found.append(MultipathDevice(wwid, wwid, f"/dev/mapper/{wwid}", disk.size, paths=paths))
        return tuple(found)

    def reconfigure(self) -> None:
        """Only noted."""
        self._simulation.changes("multipath.reconfigure")
