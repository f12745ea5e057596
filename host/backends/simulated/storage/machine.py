"""All storage ports of a simulated machine."""

from __future__ import annotations

from host.backends.simulated.files import SimulatedFiles
from host.backends.simulated.simulation import Simulation
from host.backends.simulated.storage.disks import SimulatedDisks
from host.backends.simulated.storage.iscsi import SimulatedISCSI
from host.backends.simulated.storage.mounts import SimulatedMounts
from host.backends.simulated.storage.multipath import SimulatedMultipath
from host.backends.simulated.storage.pools import SimulatedPools
from host.backends.simulated.storage.volumes import SimulatedVolumes
from host.machine.storage import StoragePorts


def simulated_storage(simulation: Simulation, files: SimulatedFiles) -> StoragePorts:
    """The ports; what they share is one set of disks."""
    disks = SimulatedDisks(simulation)
    mounts = SimulatedMounts(simulation, files)
    iscsi = SimulatedISCSI(simulation, disks)
    return StoragePorts(
        disks=disks,
        iscsi=iscsi,
        multipath=SimulatedMultipath(simulation, disks, iscsi),
        volumes=SimulatedVolumes(simulation, disks, mounts),
        mounts=mounts,
        pools=SimulatedPools(simulation),
    )
