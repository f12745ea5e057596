"""The interfaces, addresses and routes that the kernel has, as iproute2 tells them in JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foundation.process import run
from host.status import InterfaceStatus

if TYPE_CHECKING:
    from host.document.network import Network

_NOT_SHOWN = ("lo",)
_OF_GUESTS = ("vnet", "tap", "virbr")
# Scopes of addresses that others are reached by; site-local ones (RFC 3879) are old, and in use.
_OF_NETWORKS = ("global", "site")


def interfaces() -> tuple[InterfaceStatus, ...]:
    """Every interface except the loopback and those of guests, as `ip address` orders them."""
    said = run(["ip", "-json", "-details", "address", "show"], timeout=10).stdout
    return read_interfaces(json.loads(said), Path("/sys/class/net"))


def read_interfaces(links: list[dict[str, Any]], system: Path) -> tuple[InterfaceStatus, ...]:
    """The interfaces in iproute2's ``links``; speeds come from sysfs under ``system``."""
    return tuple(
        InterfaceStatus(
            name=link["ifname"],
            kind=link.get("linkinfo", {}).get("info_kind", "ethernet"),
            mac=link.get("address", ""),
            link="LOWER_UP" in link["flags"] if "UP" in link["flags"] else False,
            speed=_speed(system / link["ifname"]),
            addresses=tuple(
                f"{address['local']}/{address['prefixlen']}"
                for address in link.get("addr_info", ())
                if address.get("scope") in _OF_NETWORKS and "local" in address
            ),
            controller=link.get("master"),
        )
        for link in links
        if link.get("ifname")
        and link["ifname"] not in _NOT_SHOWN
        and not link["ifname"].startswith(_OF_GUESTS)
        and link.get("link_type") == "ether"
    )


def default_route() -> tuple[str, str] | None:
    """(gateway, interface) of the best default route, IPv4 before IPv6."""
    for family in ("-4", "-6"):
        said = run(["ip", "-json", family, "route", "show", "default"], timeout=10).stdout
        routes = [route for route in json.loads(said or "[]") if "gateway" in route]
        if routes:
            best = min(routes, key=lambda route: int(route.get("metric", 0)))
            return best["gateway"], best["dev"]
    return None


def management_interface(
    network: Network | None, links: Sequence[InterfaceStatus], leading: str | None
) -> str | None:
    """The interface that administrators reach the host by, as far as can be told.

    It is the one that the document names, or ``leading``, which has the best way out. A network
    without a router has none: then it is the first that has an address, the document's own choice
    before others.
    """
    from host.document.network import management_path

    if network is not None and network.management is not None:
        return network.management
    chosen = management_path(network) if network is not None else None
    having = [link.name for link in links if link.addresses]
    if leading is not None or chosen in having:
        return leading or chosen
    return next(iter(having), chosen or None)


def _speed(directory: Path) -> int | None:
    """Mbit/s; drivers answer -1 or an error when there is no link."""
    try:
        speed = int((directory / "speed").read_text())
    except (OSError, ValueError):
        return None
    return speed if speed > 0 else None
