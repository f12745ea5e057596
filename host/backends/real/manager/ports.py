"""What the Manager's guest needs of this machine (host.machine.manager)."""

from __future__ import annotations

from host.backends.real.manager.capacity import RealCapacity
from host.backends.real.manager.domains import RealDomains
from host.backends.real.manager.images import RealImages
from host.backends.real.manager.link import RealManagerLink
from host.backends.real.manager.name_service import RealNameService
from host.backends.real.manager.remote import RealRemoteHost
from host.machine.manager import ManagerPorts


def real_manager_ports() -> ManagerPorts:
    """All of them."""
    return ManagerPorts(
        domains=RealDomains(),
        images=RealImages(),
        capacity=RealCapacity(),
        names=RealNameService(),
        link=RealManagerLink(),
        remote=RealRemoteHost(),
    )
