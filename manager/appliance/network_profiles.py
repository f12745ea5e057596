"""NetworkManager's keyfiles (nm-settings-keyfile(5)) for the interfaces of a seed."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from manager.appliance.network_config import Interface, Route

FOLDER = Path("etc/NetworkManager/system-connections")
ONLY_THESE = Path("etc/NetworkManager/conf.d/20-flexvdi-seed.conf")
_NAMESPACE = uuid.UUID("0d0c36ce-3b6f-44cf-9c9d-8bb7a8ea2b02")


def profile_files(interfaces: Sequence[Interface]) -> dict[Path, str]:
    """Paths below the root, and texts; without interfaces every wired device asks DHCP."""
    if not interfaces:
        return {}
    files = {
        FOLDER / f"flexvdi-{number}.nmconnection": profile(interface)
        for number, interface in enumerate(interfaces)
    }
    # A device that the seed does not name stays off.
    files[ONLY_THESE] = "[main]\nno-auto-default=*\n"
    return files


def profile(interface: Interface) -> str:
    """The keyfile of one interface."""
    sections = {
        "connection": list(_connection(interface)),
        "ethernet": list(_ethernet(interface)),
        "ipv4": list(_addressing(interface, 4, interface.dhcp4)),
        "ipv6": list(_addressing(interface, 6, interface.dhcp6)),
    }
    return "\n".join(
        f"[{name}]\n" + "".join(f"{line}\n" for line in lines)
        for name, lines in sections.items()
        if lines
    )


def _connection(interface: Interface) -> Iterator[str]:
    yield f"id={interface.name}"
    yield f"uuid={uuid.uuid5(_NAMESPACE, interface.mac_address or interface.name)}"
    yield "type=ethernet"
    yield "autoconnect-retries=0"
    if not interface.mac_address:
        yield f"interface-name={interface.name}"


def _ethernet(interface: Interface) -> Iterator[str]:
    if interface.mac_address:
        yield f"mac-address={interface.mac_address}"
    if interface.mtu:
        yield f"mtu={interface.mtu}"


def _addressing(interface: Interface, version: int, dhcp: bool) -> Iterator[str]:
    addresses = [
        text for text in interface.addresses if ipaddress.ip_interface(text).version == version
    ]
    servers = [
        text for text in interface.name_servers if ipaddress.ip_address(text).version == version
    ]
    routes = [
        route for route in interface.routes if ipaddress.ip_network(route.to).version == version
    ]
    if dhcp:
        yield "method=auto"
    elif addresses:
        yield "method=manual"
    else:
        yield "method=link-local" if version == 6 else "method=disabled"
        return
    for number, address in enumerate(addresses, 1):
        yield f"address{number}={address}"
    for number, route in enumerate(routes, 1):
        yield f"route{number}={_route(route)}"
    if servers:
        yield f"dns={';'.join(servers)};"
    if interface.search:
        yield f"dns-search={';'.join(interface.search)};"


def _route(route: Route) -> str:
    metric = f",{route.metric}" if route.metric is not None else ""
    return f"{route.to},{route.via}{metric}"
