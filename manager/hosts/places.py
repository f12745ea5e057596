"""Where hosts reach the Manager, and telling them: whoever is connected learns it at once.

Hosts keep the addresses that they knew before, so one that is announced before the Manager moves
there is found by every host that heard of it.
"""

from __future__ import annotations

import ipaddress

from agent.protocol.to_agent import ManagerPlaces, Place
from manager.certificates.live import LiveCertificates
from manager.hosts.coming_address import expected
from manager.hosts.live import LiveHosts
from manager.hosts.preferences import HostPreferences
from manager.own_names import addresses_of_this_machine
from manager.preferences.storing import preference
from manager.services import Services
from manager.settings import Settings

_MOST = 8


def own_places(services: Services) -> ManagerPlaces:
    """The settings' addresses; without any, those known by the command line and the machine.

    Where it is about to move is among them, behind where it is.
    """
    settings = services.settings
    names = preference(services, HostPreferences).addresses or _by_itself(settings)
    coming = expected(settings)
    known = tuple(dict.fromkeys((*names[: _MOST - 1], coming.address) if coming else names[:_MOST]))
    return ManagerPlaces(
        places=tuple(
            Place(address=name, port=settings.listen.port, agents_port=settings.agents.port)
            for name in known
        )
    )


def _by_itself(settings: Settings) -> tuple[str, ...]:
    listening = settings.agents.address
    everywhere = listening in ("0.0.0.0", "::")
    addresses = addresses_of_this_machine() if everywhere else (listening,)
    return tuple(name for name in (*settings.names, *addresses) if is_told(name))


def is_told(name: str) -> bool:
    """Whether another machine can make something of ``name``: no short name, nothing local."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return "." in name.strip(".") and not name.endswith(".localdomain")
    return not (address.is_unspecified or address.is_loopback or address.is_link_local)


class PlacesTold:
    """What was said last of where the Manager is."""

    def __init__(self, services: Services) -> None:
        """Hosts that are connected were told this as they came."""
        self._services = services
        self._last = own_places(services)

    def tell_changes(self) -> None:
        """Tell everybody who is connected, if it is something else by now."""
        now = own_places(self._services)
        if now == self._last:
            return
        names = [place.address for place in now.places]
        # Browsers are to be let in there too.
        if self._services.authority.ensure_server_certificate(names):
            self._services.part(LiveCertificates).reload_own()
        self._services.part(LiveHosts).say_to_all(now)
        self._last = now
