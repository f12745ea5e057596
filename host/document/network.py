"""The network of a host: interfaces, how they build on each other, and their addresses.

Names and meanings are NetworkManager's. The checks here are those that need no machine: they
hold for a document typed anywhere, for a kickstart, and for what a page of flexVDI Config stages.
"""

from __future__ import annotations

import re
from collections import Counter
from difflib import get_close_matches
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface, ip_network
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

BOND_OPTIONS = frozenset(
    (
        "active_slave",
        "ad_actor_sys_prio",
        "ad_actor_system",
        "ad_select",
        "ad_user_port_key",
        "all_slaves_active",
        "arp_all_targets",
        "arp_interval",
        "arp_ip_target",
        "arp_validate",
        "downdelay",
        "fail_over_mac",
        "lacp_rate",
        "lp_interval",
        "miimon",
        "min_links",
        "num_grat_arp",
        "num_unsol_na",
        "packets_per_slave",
        "peer_notif_delay",
        "primary",
        "primary_reselect",
        "resend_igmp",
        "tlb_dynamic_lb",
        "updelay",
        "use_carrier",
        "xmit_hash_policy",
    )
)
"""What the bonding driver and NetworkManager know; NetworkManager drops a profile with others."""

BondMode = Literal[
    "balance-rr",
    "active-backup",
    "balance-xor",
    "broadcast",
    "802.3ad",
    "balance-tlb",
    "balance-alb",
]


def check_interface_name(name: str) -> str:
    """A kernel interface name: 1 to 15 bytes without space, slash or colon; raises ValueError."""
    if not re.fullmatch(r"[^\s/:%]{1,15}", name) or len(name.encode()) > 15 or name in {".", ".."}:
        raise ValueError(
            f"“{name}” is not an interface name: use 1 to 15 characters without spaces, / or :"
        )
    return name


def check_mac_address(address: str) -> str:
    """A unicast Ethernet address; returned in lower case; raises ValueError."""
    if not re.fullmatch(r"([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}", address):
        raise ValueError(f"“{address}” is not a MAC address: write it as in 52:54:00:12:34:56")
    if int(address[:2], 16) & 1:
        raise ValueError(f"“{address}” is a multicast MAC address, which no interface can have")
    return address.lower()


InterfaceName = Annotated[str, AfterValidator(check_interface_name)]
MacAddress = Annotated[str, AfterValidator(check_mac_address)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Route(_Section):
    """A static route: ``destination`` as network/prefix, via ``gateway``, ``metric`` optional."""

    destination: str
    gateway: IPv4Address | IPv6Address
    metric: Annotated[int, Field(ge=0, le=4294967295)] | None = None

    @model_validator(mode="after")
    def _same_family(self) -> Self:
        if ip_network(self.destination, strict=True).version != self.gateway.version:
            raise ValueError(f"route {self.destination}: the gateway is of the other IP version")
        return self


class IPv4Settings(_Section):
    """IPv4 of an interface: ``auto`` is DHCP, ``manual`` takes the addresses given.

    ``default_route`` off keeps the interface from carrying the default route, whatever DHCP
    says; ``automatic_dns`` off passes over the DNS servers that DHCP names.
    """

    method: Literal["auto", "manual", "disabled"] = "auto"
    addresses: tuple[IPv4Interface, ...] = ()
    gateway: IPv4Address | None = None
    routes: tuple[Route, ...] = ()
    gateway_on_link: bool = False
    default_route: bool = True
    automatic_dns: bool = True

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_family("IPv4", self)
        return self


class IPv6Settings(_Section):
    """IPv6 of an interface: ``auto`` is router advertisements (and DHCPv6 as they say).

    ``default_route`` and ``automatic_dns`` as in :class:`IPv4Settings`.
    """

    method: Literal["auto", "dhcp", "manual", "link-local", "disabled"] = "auto"
    addresses: tuple[IPv6Interface, ...] = ()
    gateway: IPv6Address | None = None
    routes: tuple[Route, ...] = ()
    gateway_on_link: bool = False
    default_route: bool = True
    automatic_dns: bool = True

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_family("IPv6", self)
        return self


def _check_family(family: str, settings: IPv4Settings | IPv6Settings) -> None:
    if settings.method == "manual" and not settings.addresses:
        raise ValueError(f"a manual {family} configuration needs at least one address")
    if settings.method != "manual" and settings.gateway is not None:
        raise ValueError(f"a {family} gateway is set, but the method is {settings.method}")
    if settings.method in ("disabled", "link-local") and settings.addresses:
        raise ValueError(f"{family} addresses are set, but the method is {settings.method}")
    gateway = settings.gateway
    if gateway is None:
        return
    for address in settings.addresses:
        if gateway == address.ip:
            raise ValueError(f"the gateway {gateway} is the host's own address")
    reachable = any(gateway in address.network for address in settings.addresses)
    if not (reachable or settings.gateway_on_link or gateway.is_link_local):
        networks = ", ".join(str(address.network) for address in settings.addresses)
        raise ValueError(f"the gateway {gateway} is outside the subnet {networks}")


class _Interface(_Section):
    """What every kind of interface has; ``mtu`` in bytes, None for the driver's default."""

    name: InterfaceName
    mtu: Annotated[int, Field(ge=576, le=65535)] | None = None
    ipv4: IPv4Settings = IPv4Settings()
    ipv6: IPv6Settings = IPv6Settings()
    dns_servers: tuple[IPv4Address | IPv6Address, ...] = ()
    dns_search: tuple[str, ...] = ()
    activate: bool = True

    @model_validator(mode="after")
    def _names_are_reachable(self) -> Self:
        for server in self.dns_servers:
            method = (self.ipv4 if server.version == 4 else self.ipv6).method
            if method == "disabled":
                raise ValueError(
                    f"{self.name}: the DNS server {server} needs IPv{server.version}, "
                    "which is disabled"
                )
        return self

    @model_validator(mode="after")
    def _mtu_carries_ipv6(self) -> Self:
        if self.mtu is not None and self.mtu < 1280 and self.ipv6.method != "disabled":
            raise ValueError(f"{self.name}: IPv6 needs an MTU of at least 1280, not {self.mtu}")
        return self


class Ethernet(_Interface):
    """A wired port, found by its permanent MAC address if one is given, else by its name."""

    kind: Literal["ethernet"] = "ethernet"
    mac: MacAddress | None = None


class Bond(_Interface):
    """Several ports as one; ``options`` are the bonding driver's (``miimon`` in milliseconds)."""

    kind: Literal["bond"] = "bond"
    ports: tuple[InterfaceName, ...]
    mode: BondMode = "active-backup"
    options: dict[str, str] = {}

    @field_validator("options", mode="before")
    @classmethod
    def _numbers_are_texts(cls, options: Any) -> Any:
        if not isinstance(options, dict):
            return options
        return {k: str(v) if type(v) is int else v for k, v in options.items()}

    @model_validator(mode="after")
    def _has_ports(self) -> Self:
        if not self.ports:
            raise ValueError(f"bond {self.name} has no ports")
        for option in self.options:
            if option not in BOND_OPTIONS:
                close = get_close_matches(option, sorted(BOND_OPTIONS), 1)
                hint = f"; did you mean {close[0]}" if close else ""
                raise ValueError(f"bond {self.name}: unknown option {option}{hint}")
        return self


class VLAN(_Interface):
    """A tagged network on ``parent``; ``id`` from 1 to 4094 (IEEE 802.1Q)."""

    kind: Literal["vlan"] = "vlan"
    parent: InterfaceName
    id: int

    @model_validator(mode="after")
    def _id_in_range(self) -> Self:
        if not 1 <= self.id <= 4094:
            raise ValueError(f"VLAN id {self.id} of {self.name} is outside 1 to 4094")
        return self


class Bridge(_Interface):
    """A bridge for guests; the spanning tree is off unless asked for."""

    kind: Literal["bridge"] = "bridge"
    ports: tuple[InterfaceName, ...] = ()
    stp: bool = False
    forward_delay: Annotated[int, Field(ge=2, le=30)] | None = None


Interface = Annotated[Ethernet | Bond | VLAN | Bridge, Field(discriminator="kind")]


class Network(_Section):
    """All interfaces of the host.

    With no interface at all, every wired port asks DHCP. ``management`` names the interface that
    administrators and the Manager reach the host by; None means the one with the default route.
    """

    interfaces: tuple[Interface, ...] = ()
    management: InterfaceName | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = Counter(interface.name for interface in self.interfaces)
        for name, count in names.items():
            if count > 1:
                raise ValueError(f"the interface {name} is described {count} times")
        if self.management is not None and self.management not in names:
            raise ValueError(f"the management interface {self.management} is not described")
        owners: dict[str, str] = {}
        by_name = {interface.name: interface for interface in self.interfaces}
        for interface in self.interfaces:
            for port in _ports(interface):
                if port == interface.name:
                    raise ValueError(f"{interface.name} cannot be a port of itself")
                if port in owners:
                    raise ValueError(
                        f"{port} is a port of both {owners[port]} and {interface.name}"
                    )
                owners[port] = interface.name
                below = by_name.get(port)
                if below is not None and (below.ipv4.addresses or below.ipv6.addresses):
                    raise ValueError(
                        f"{port} is a port of {interface.name}, so the addresses belong there"
                    )
            parent = by_name.get(interface.parent) if isinstance(interface, VLAN) else None
            if parent is not None and (interface.mtu or 0) > (parent.mtu or 1500):
                raise ValueError(
                    f"the MTU of {interface.name} is larger than that of {parent.name} below it"
                )
        _refuse_loops({i.name: (*_ports(i), *_parent(i)) for i in self.interfaces})
        return self


def _ports(interface: Interface) -> tuple[str, ...]:
    return interface.ports if isinstance(interface, Bond | Bridge) else ()


def _parent(interface: Interface) -> tuple[str, ...]:
    return (interface.parent,) if isinstance(interface, VLAN) else ()


def _refuse_loops(below: dict[str, tuple[str, ...]]) -> None:
    for start in below:
        seen: set[str] = set()
        waiting = list(below[start])
        while waiting:
            name = waiting.pop()
            if name == start:
                raise ValueError(f"{start} builds on itself")
            if name not in seen:
                seen.add(name)
                waiting.extend(below.get(name, ()))
