"""The network to fall back on when nothing works. No guest loses its bridge by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_interface
from typing import Any

from pydantic import ValidationError

from foundation.failure import Failure
from host.document.addressing import IPv4Settings, IPv6Settings
from host.document.network import Ethernet, Interface, Network, below, ports_of
from host.machine.links import Link
from host.network_probes import kernel_name

_OFF: dict[str, Any] = {
    "ipv4": IPv4Settings(method="disabled"),
    "ipv6": IPv6Settings(method="disabled"),
    "dns_servers": (),
}
_AUTOMATIC: dict[str, Any] = {
    "ipv4": IPv4Settings(method="auto"),
    "ipv6": IPv6Settings(method="auto"),
}


def fallback_network(
    network: Network,
    found: tuple[Link, ...],
    bridges: Iterable[str],
    port: str | None = None,
    address: str = "",
    gateway: str = "",
) -> Network:
    """Every wired port asks DHCP, or ``port`` alone has ``address``, or asks DHCP without one.

    ``bridges`` carry guests: they stay with all that they stand on. A port that is part of a bond
    or a bridge has no addresses of its own, so what it is a port of has them; a VLAN on it is
    another network, and is left as it is but for the way out of it. Raises Failure for a port that
    is not there, and a bad address.
    """
    wired = [link.name for link in found if link.permanent_mac is not None]
    if port is not None and port not in wired:
        raise Failure(f"There is no wired port {port}.", f"There is: {', '.join(wired) or 'none'}.")
    if port is None and (address or gateway):
        raise Failure("The address is of no port.", "Say which port has it: --port.")
    if gateway and not address:
        raise Failure("A gateway is given without an address.", "Give both, or none for DHCP.")
    kept = _kept(network, bridges)
    if not kept and port is None:
        return Network(foreign_profiles=network.foreign_profiles)
    chosen = _addressing(address, gateway)
    chosen["dns_servers"] = _name_servers(network, chosen) if address else ()
    leading = [_carrier(name, kept, found) for name in (wired if port is None else [port])]
    new = [Ethernet(name=name, **chosen) for name in dict.fromkeys(leading) if name not in kept]
    try:
        stays = [
            _changed(one, chosen) if one.name in leading else _leading_nowhere(one, kept)
            for one in kept.values()
        ]
        return Network(
            interfaces=(*new, *stays),
            management=leading[0] if port is not None else None,
            foreign_profiles=network.foreign_profiles,
        )
    except ValidationError as error:
        words = str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")
        raise Failure(f"{words}.", "Give another address, or another port.") from error


def _addressing(address: str, gateway: str) -> dict[str, Any]:
    if not address:
        return dict(_AUTOMATIC)
    try:
        version = ip_interface(address).version
        if "/" not in address:  # it would be a network of one
            usual = 24 if version == 4 else 64
            raise Failure(
                f"{address} has no prefix length.", f"Write it with one, as in {address}/{usual}."
            )
        _check_router(gateway, version)
        values = {"method": "manual", "addresses": [address], "gateway": gateway or None}
        if version == 4:
            return {**_OFF, "ipv4": IPv4Settings.model_validate(values)}
        return {**_OFF, "ipv6": IPv6Settings.model_validate(values)}
    except ValidationError as error:
        words = str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")
        raise Failure(f"{words}.", "Write the address as in 10.0.4.13/24.") from error
    except ValueError as error:
        raise Failure(
            f"“{address}” is not an address with a prefix length.",
            "Write it as in 10.0.4.13/24 or fd00:4::13/64.",
        ) from error


def _check_router(gateway: str, version: int) -> None:
    if not gateway:
        return
    remedy = "Write the router's address, as in 10.0.4.1 or fe80::1."
    try:
        found = ip_address(gateway)
    except ValueError as error:
        raise Failure(f"“{gateway}” is not an address.", remedy) from error
    if found.version != version:
        raise Failure(
            f"The address is of IPv{version}, and the gateway {gateway} of IPv{found.version}.",
            f"Give the router's IPv{version} address.",
        )


def _kept(network: Network, bridges: Iterable[str]) -> dict[str, Interface]:
    """The bridges that the document describes, with everything that they stand on."""
    wanted = {name for name in bridges if network.interface(name) is not None}
    # Interfaces may be described in any order, so this goes on until nothing is added.
    while (
        more := {name for one in network.interfaces if one.name in wanted for name in below(one)}
        - wanted
    ):
        wanted |= more
    return {one.name: one for one in network.interfaces if one.name in wanted}


def _carrier(port: str, kept: Mapping[str, Interface], found: tuple[Link, ...]) -> str:
    """What has the addresses of a wired port: itself, or what it is a port of, however high."""
    described = (one for one in kept.values() if isinstance(one, Ethernet))
    name = next((one.name for one in described if kernel_name(one, found) == port), port)
    controllers = {lower: one.name for one in kept.values() for lower in ports_of(one)}
    while name in controllers:
        name = controllers[name]
    return name


def _name_servers(network: Network, chosen: Mapping[str, Any]) -> tuple[Any, ...]:
    """The DNS servers that were known, as far as they can be reached by the address's family."""
    version = 4 if chosen["ipv4"].method == "manual" else 6
    servers = (server for one in network.interfaces for server in one.dns_servers)
    return tuple(dict.fromkeys(server for server in servers if server.version == version))


def _changed(interface: Interface, chosen: Mapping[str, Any]) -> Interface:
    return type(interface)(**{**dict(interface), "activate": True, **chosen})


def _leading_nowhere(interface: Interface, kept: Mapping[str, Interface]) -> Interface:
    """What stays keeps its own addresses, which storage may need, but is no way out any more."""
    if any(interface.name in ports_of(one) for one in kept.values()):
        return interface
    families = (("ipv4", interface.ipv4), ("ipv6", interface.ipv6))
    changes = {
        name: {**dict(family), "gateway": None, "gateway_on_link": False, "default_route": False}
        for name, family in families
        if family.method != "disabled"
    }
    return type(interface)(**{**dict(interface), **changes})
