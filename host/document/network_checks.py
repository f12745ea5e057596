"""Whether the interfaces of a network fit together. Every check raises ValueError with words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from ipaddress import IPv4Address, IPv6Address

from host.document.interfaces import VLAN, Bond, Bridge, Ethernet, Interface, below, ports_of

_DEFAULT_MTU = 1500


def check_interfaces(interfaces: Sequence[Interface], management: str | None) -> None:
    """Every check, the most telling first."""
    _check_names(interfaces, management)
    by_name = {interface.name: interface for interface in interfaces}
    _check_ports(interfaces, by_name)
    _check_loops({interface.name: below(interface) for interface in interfaces})
    _check_twins(interfaces)
    _check_addresses(interfaces)
    _check_mtus(interfaces, by_name)
    if management is not None:
        _check_management(management, interfaces)


def _check_names(interfaces: Sequence[Interface], management: str | None) -> None:
    names = Counter(interface.name for interface in interfaces)
    for name, count in names.items():
        if count > 1:
            raise ValueError(f"the interface {name} is described {count} times")
    if management is not None and management not in names:
        close = get_close_matches(management, sorted(names), 1)
        hint = f"; did you mean {close[0]}" if close else ""
        raise ValueError(f"the management interface {management} is not described{hint}")


def _check_ports(interfaces: Sequence[Interface], by_name: Mapping[str, Interface]) -> None:
    owners: dict[str, str] = {}
    for interface in interfaces:
        for port in ports_of(interface):
            if port == interface.name:
                raise ValueError(f"{interface.name} cannot be a port of itself")
            if port in owners:
                if owners[port] == interface.name:
                    raise ValueError(f"{port} is named twice as a port of {interface.name}")
                raise ValueError(f"{port} is a port of both {owners[port]} and {interface.name}")
            owners[port] = interface.name
            lower = by_name.get(port)
            if lower is None:
                continue
            if isinstance(interface, Bond) and not isinstance(lower, Ethernet):
                raise ValueError(
                    f"{port} is a {lower.kind}, and the ports of bond {interface.name} "
                    "must be wired ports"
                )
            if isinstance(lower, Bridge):
                raise ValueError(f"the bridge {port} cannot be a port of {interface.name}")
            if lower.ipv4.addresses or lower.ipv6.addresses:
                raise ValueError(
                    f"{port} is a port of {interface.name}, so the addresses belong there"
                )
    for interface in interfaces:
        if isinstance(interface, VLAN) and isinstance(
            owner := by_name.get(owners.get(interface.parent, "")), Bond
        ):
            raise ValueError(
                f"{interface.parent} is a port of bond {owner.name}, "
                f"so the VLAN {interface.name} belongs on {owner.name}"
            )


def _check_loops(lower: Mapping[str, tuple[str, ...]]) -> None:
    for start in lower:
        seen: set[str] = set()
        waiting = list(lower[start])
        while waiting:
            name = waiting.pop()
            if name == start:
                raise ValueError(f"{start} builds on itself")
            if name not in seen:
                seen.add(name)
                waiting.extend(lower.get(name, ()))


def _check_twins(interfaces: Sequence[Interface]) -> None:
    """Two that would be one: the same port by its MAC address, the same VLAN of a parent."""
    macs: dict[str, str] = {}
    tags: dict[tuple[str, int], str] = {}
    for interface in interfaces:
        if isinstance(interface, Ethernet) and interface.mac:
            other = macs.setdefault(interface.mac, interface.name)
            if other != interface.name:
                raise ValueError(f"{other} and {interface.name} are the same port {interface.mac}")
        if isinstance(interface, VLAN):
            tag = (interface.parent, interface.id)
            other = tags.setdefault(tag, interface.name)
            if other != interface.name:
                raise ValueError(
                    f"{other} and {interface.name} are the same VLAN {interface.id} "
                    f"on {interface.parent}"
                )


def _check_addresses(interfaces: Sequence[Interface]) -> None:
    owners: dict[IPv4Address | IPv6Address, str] = {}
    for interface in interfaces:
        addresses: list[IPv4Address | IPv6Address] = [
            *(address.ip for address in interface.ipv4.addresses),
            *(address.ip for address in interface.ipv6.addresses),
        ]
        for address in addresses:
            if address.is_link_local:  # those count on their own link only
                continue
            other = owners.setdefault(address, interface.name)
            if other != interface.name:
                raise ValueError(
                    f"the address {address} is given to both {other} and {interface.name}"
                )


def _check_mtus(interfaces: Sequence[Interface], by_name: Mapping[str, Interface]) -> None:
    for interface in interfaces:
        for name in below(interface):
            lower = by_name.get(name)
            if lower is None:  # what is not described takes the size of what stands on it
                continue
            # A bond gives its size to its ports; whoever describes one must not say otherwise.
            inherits = isinstance(interface, Bond) and lower.mtu is None
            room = lower.mtu or _DEFAULT_MTU
            if not inherits and (interface.mtu or 0) > room:
                raise ValueError(
                    f"the MTU of {interface.name} is larger than that of {lower.name} below it: "
                    f"{interface.mtu} does not fit into {room}"
                )


def _check_management(management: str, interfaces: Sequence[Interface]) -> None:
    for interface in interfaces:
        if management in ports_of(interface):
            raise ValueError(
                f"the management interface {management} is a port of {interface.name}; "
                f"name {interface.name} instead"
            )
