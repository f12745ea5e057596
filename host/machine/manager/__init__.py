"""The ports that deploying and keeping the Manager needs, together."""

from __future__ import annotations

from dataclasses import dataclass

from host.machine.manager.capacity import Capacity
from host.machine.manager.domains import Domains
from host.machine.manager.images import Images
from host.machine.manager.link import ManagerLink
from host.machine.manager.name_service import NameService
from host.machine.manager.remote import RemoteHost


@dataclass(frozen=True)
class ManagerPorts:
    """What the Manager's guest needs of a machine."""

    domains: Domains
    images: Images
    capacity: Capacity
    names: NameService
    link: ManagerLink
    remote: RemoteHost
