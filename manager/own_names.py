"""The names and addresses of this Manager, as far as it knows them by itself."""

from __future__ import annotations

import ipaddress
import socket

from manager.settings import Settings


def own_names(settings: Settings) -> list[str]:
    """The names and addresses that this Manager is surely reached by."""
    names = [*settings.names, socket.gethostname(), "localhost", "127.0.0.1", "::1"]
    for endpoint in (settings.listen, settings.agents):
        try:
            if not ipaddress.ip_address(endpoint.address).is_unspecified:
                names.append(endpoint.address)
        except ValueError:
            names.append(endpoint.address)
    names += addresses_of_this_machine()
    return list(dict.fromkeys(name for name in names if name))


def addresses_of_this_machine() -> tuple[str, ...]:
    """The address that this machine speaks to others from; nothing is sent for that."""
    found: list[str] = []
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((elsewhere, 9))
                found.append(str(probe.getsockname()[0]))
        except OSError:
            continue
    return tuple(found)
