"""What planning and applying need of a machine: one small port for each kind of thing.

A port says what is done, in the words of the daemon that does it; the real ones are in
host.backends.real, the simulated ones in host.backends.simulated, one file each. Ports raise
:class:`foundation.failure.Failure` and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from host.machine.clock import Clock
from host.machine.files import Files
from host.machine.hostname import HostnameDaemon
from host.machine.network import NetworkDaemon
from host.machine.services import Services
from host.machine.storage import StoragePorts


@dataclass(frozen=True)
class Machine:
    """All ports of one machine. ``places`` says where this base's daemons look for drop-ins."""

    places: Mapping[str, str]
    files: Files
    services: Services
    hostname: HostnameDaemon
    clock: Clock
    network: NetworkDaemon
    storage: StoragePorts
