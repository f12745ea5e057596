"""All ports of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from host.backends.real.clock import RealClock
from host.backends.real.files import RealFiles
from host.backends.real.hostname import RealHostname
from host.backends.real.network import RealNetwork
from host.backends.real.services import RealServices
from host.backends.real.storage.machine import real_storage
from host.machine import Machine


def real_machine(
    units: Mapping[str, str] | None = None,
    places: Mapping[str, str] | None = None,
    root: Path = Path("/"),
) -> Machine:
    """This host. ``units`` and ``places`` are what the image's release says of its base."""
    return Machine(
        places=places or {},
        files=RealFiles(root),
        services=RealServices(units),
        hostname=RealHostname(),
        clock=RealClock(),
        network=RealNetwork(),
        storage=real_storage(places),
    )
