"""The ports of a machine's storage, together."""

from __future__ import annotations

from dataclasses import dataclass

from host.machine.disks import Disks
from host.machine.iscsi import ISCSIDaemon
from host.machine.mounts import Mounts
from host.machine.multipath import MultipathDaemon
from host.machine.pools import Pools
from host.machine.volumes import Volumes


@dataclass(frozen=True)
class StoragePorts:
    """What storage needs of a machine."""

    disks: Disks
    iscsi: ISCSIDaemon
    multipath: MultipathDaemon
    volumes: Volumes
    mounts: Mounts
    pools: Pools
