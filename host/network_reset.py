"""The network to fall back on when nothing works. No guest loses its bridge by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_interface
from typing import Any

from pydantic import ValidationError

from foundation.failure import Failure
from host.document.addressing import IPv4Settings, IPv6Settings
from host.document.network import Ethernet, Interface, Network, below
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

    ``bridges`` carry guests: they stay with all that they stand on, and the uppermost takes the
    place of a port below it. Raises Failure for a port that is not there, and a bad address.
    """
    wired = [link.name for link in found if link.permanent_mac is not None]
    if port is not None and port not in wired:
        raise Failure(f"There is no wired port {port}.", f"There is: {', '.join(wired) or 'none'}.")
    if port is None and (address or gateway):
        raise Failure("The address is of no port.", "Say which port has it: --port.")
    if gateway and not address:
        raise Failure("A gateway is given without an address.", "Give both, or none for DHCP.")
    kept = _kept(network, bridges)
    used = {kernel_name(one, found) for one in kept.values() if isinstance(one, Ethernet)}
    used |= {name for one in kept.values() for name in below(one)}
    chosen = _addressing(address, gateway)
    tops = [one.name for one in kept.values() if not _is_below(one.name, kept)]
    free = wired if port is None else [port]
    carrier = next((top for top in tops if port in _all_below(top, kept, found)), None)
    leading = [top for top in tops if port is None or top == carrier]
    interfaces = [
        one.model_copy(update=chosen if one.name in leading else _OFF) for one in kept.values()
    ]
    interfaces += [Ethernet(name=name, **chosen) for name in free if name not in used]
    if not kept and port is None:
        return Network(foreign_profiles=network.foreign_profiles)
    return Network(
        interfaces=tuple(interfaces),
        management=carrier or port,
        foreign_profiles=network.foreign_profiles,
    )


def _addressing(address: str, gateway: str) -> Mapping[str, Any]:
    if not address:
        return _AUTOMATIC
    try:
        version = ip_interface(address).version
        values = {"method": "manual", "addresses": [address], "gateway": gateway or None}
        if version == 4:
            return {**_OFF, "ipv4": IPv4Settings.model_validate(values)}
        return {**_OFF, "ipv6": IPv6Settings.model_validate(values)}
    except ValidationError as error:
        words = str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")
        raise Failure(f"{words}.", "Write the address as in 10.0.4.13/24.") from error
    except ValueError as error:
        raise Failure(
            f"“{address}” is not an address.", "Write it with its prefix, as in 10.0.4.13/24."
        ) from error


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


def _is_below(name: str, kept: Mapping[str, Interface]) -> bool:
    return any(name in below(one) for one in kept.values())


def _all_below(top: str, kept: Mapping[str, Interface], found: tuple[Link, ...]) -> set[str]:
    """Names on which ``top`` stands, those of ports as the kernel has them."""
    names = set()
    left = [top]
    while left:
        name = left.pop()
        interface = kept.get(name)
        names.add(kernel_name(interface, found) if interface is not None else name)
        left += below(interface) if interface is not None else ()
    return names
