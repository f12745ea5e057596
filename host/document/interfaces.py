"""The kinds of interface a host can have, each with the checks that need nothing else."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from host.document.addressing import IPv4Settings, IPv6Settings, NetworkSection
from host.document.bond_options import BondMode, check_bond

_RESERVED = frozenset((".", "..", "lo", "all", "default", "bonding_masters"))
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_RESOLVER_OPTION = re.compile(
    r"rotate|edns0|no-aaaa|no-check-names|no-reload|no-tld-query|single-request(-reopen)?|trust-ad"
    r"|use-vc|inet6|debug|ndots:([0-9]|1[0-5])|timeout:([1-9]|[12][0-9]|30)|attempts:[1-5]"
)


def check_interface_name(name: str) -> str:
    """A kernel interface name: 1 to 15 bytes without space, slash or colon; raises ValueError."""
    if not re.fullmatch(r"[^\s/:%]{1,15}", name) or len(name.encode()) > 15:
        raise ValueError(
            f"“{name}” is not an interface name: use 1 to 15 characters without spaces, / or :"
        )
    if name in _RESERVED:
        raise ValueError(f"“{name}” is a name that the kernel keeps for itself")
    return name


def check_mac_address(address: str) -> str:
    """A unicast Ethernet address; returned in lower case; raises ValueError."""
    if not re.fullmatch(r"([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}", address):
        raise ValueError(f"“{address}” is not a MAC address: write it as in 52:54:00:12:34:56")
    if int(address[:2], 16) & 1:
        raise ValueError(f"“{address}” is a multicast MAC address, which no interface can have")
    return address.lower()


def check_search_domain(name: str) -> str:
    """A domain to search host names in; raises ValueError."""
    labels = name.removesuffix(".").split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"“{name}” is not a domain: write it as in example.com")
    return name


def check_resolver_option(option: str) -> str:
    """An option of resolv.conf(5); raises ValueError."""
    if not _RESOLVER_OPTION.fullmatch(option):
        raise ValueError(
            f"“{option}” is not a resolver option: use one as in timeout:2, attempts:3 or rotate"
        )
    return option


InterfaceName = Annotated[str, AfterValidator(check_interface_name)]
MacAddress = Annotated[str, AfterValidator(check_mac_address)]
SearchDomain = Annotated[str, AfterValidator(check_search_domain)]
ResolverOption = Annotated[str, AfterValidator(check_resolver_option)]


class InterfaceBase(NetworkSection):
    """What every kind of interface has; ``mtu`` in bytes, None for the driver's default.

    ``alias`` is a person's own name for it, as in ``uplink to the core switch``.
    """

    name: InterfaceName
    alias: Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    mtu: Annotated[int, Field(ge=576, le=65535)] | None = None
    ipv4: IPv4Settings = IPv4Settings()
    ipv6: IPv6Settings = IPv6Settings()
    dns_servers: tuple[IPv4Address | IPv6Address, ...] = ()
    dns_search: tuple[SearchDomain, ...] = ()
    dns_options: tuple[ResolverOption, ...] = ()
    activate: bool = True

    @property
    def has_addressing(self) -> bool:
        """Whether it can come to an address that others reach."""
        return self.ipv4.method != "disabled" or self.ipv6.method not in ("disabled", "link-local")

    @model_validator(mode="after")
    def _names_are_reachable(self) -> Self:
        for server in self.dns_servers:
            if server.is_unspecified or server.is_multicast:
                raise ValueError(f"{self.name}: {server} is no address of a DNS server")
            method = (self.ipv4 if server.version == 4 else self.ipv6).method
            if method == "disabled":
                raise ValueError(
                    f"{self.name}: the DNS server {server} needs IPv{server.version}, "
                    "which is disabled"
                )
        if len(set(self.dns_servers)) < len(self.dns_servers):
            raise ValueError(f"{self.name}: a DNS server is given twice")
        return self

    @model_validator(mode="after")
    def _mtu_carries_ipv6(self) -> Self:
        if self.mtu is not None and self.mtu < 1280 and self.ipv6.method != "disabled":
            raise ValueError(f"{self.name}: IPv6 needs an MTU of at least 1280, not {self.mtu}")
        for route in (*self.ipv4.routes, *self.ipv6.routes):
            if route.mtu is not None and self.mtu is not None and route.mtu > self.mtu:
                raise ValueError(
                    f"{self.name}: the MTU of route {route.destination} is larger than "
                    f"the interface's {self.mtu}"
                )
        return self


class Ethernet(InterfaceBase):
    """A wired port, found by its permanent MAC address if one is given, else by its name."""

    kind: Literal["ethernet"] = "ethernet"
    mac: MacAddress | None = None


class Bond(InterfaceBase):
    """Several ports as one; ``options`` are the bonding driver's (``miimon`` in milliseconds)."""

    kind: Literal["bond"] = "bond"
    ports: tuple[InterfaceName, ...]
    mode: BondMode = "active-backup"
    options: dict[str, str] = Field(default_factory=dict)

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
        check_bond(self.name, self.mode, self.ports, self.options)
        return self


class VLAN(InterfaceBase):
    """A tagged network on ``parent``; ``id`` from 1 to 4094 (IEEE 802.1Q)."""

    kind: Literal["vlan"] = "vlan"
    parent: InterfaceName
    id: int

    @model_validator(mode="after")
    def _id_in_range(self) -> Self:
        if not 1 <= self.id <= 4094:
            raise ValueError(f"VLAN id {self.id} of {self.name} is outside 1 to 4094")
        return self


class Bridge(InterfaceBase):
    """A bridge for guests; the spanning tree is off unless asked for.

    ``forward_delay`` in seconds and ``priority`` hold with the spanning tree only.
    """

    kind: Literal["bridge"] = "bridge"
    ports: tuple[InterfaceName, ...] = ()
    stp: bool = False
    forward_delay: Annotated[int, Field(ge=2, le=30)] | None = None
    priority: Annotated[int, Field(ge=0, le=61440, multiple_of=4096)] | None = None


Interface = Annotated[Ethernet | Bond | VLAN | Bridge, Field(discriminator="kind")]


def ports_of(interface: Interface) -> tuple[str, ...]:
    """The names of what it makes one of; none for kinds that have no ports."""
    return interface.ports if isinstance(interface, Bond | Bridge) else ()


def below(interface: Interface) -> tuple[str, ...]:
    """The names of what it stands on directly: its ports, or its parent."""
    return (interface.parent,) if isinstance(interface, VLAN) else ports_of(interface)
