"""The addresses of one interface: methods of both families, gateways, and static routes.

Names and meanings are NetworkManager's (nm-settings(5)).
"""

from __future__ import annotations

from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ip_network,
)
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

RouteKind = Literal["unicast", "blackhole", "unreachable", "prohibit", "throw"]
Metric = Annotated[int, Field(ge=0, le=4294967295)]


class NetworkSection(BaseModel):
    """What all parts of a network have in common: immutable, and nothing unknown inside."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Route(NetworkSection):
    """A static route to ``destination``, a network with its prefix length.

    Of kind ``unicast`` it leads to ``gateway``, or without one straight onto the interface's link.
    The other kinds drop what goes there: silently (``blackhole``), or telling the sender.
    ``on_link`` says that the gateway answers on the link although no subnet covers it; ``table``
    is the kernel's routing table (254 is the main one), ``mtu`` in bytes; a lower ``metric`` wins.
    """

    destination: str
    gateway: IPv4Address | IPv6Address | None = None
    metric: Metric | None = None
    kind: RouteKind = "unicast"
    on_link: bool = False
    table: Annotated[int, Field(ge=1, le=4294967295)] | None = None
    mtu: Annotated[int, Field(ge=68, le=65535)] | None = None
    source: IPv4Address | IPv6Address | None = None

    @property
    def network(self) -> IPv4Network | IPv6Network:
        """The destination, parsed."""
        return ip_network(self.destination, strict=True)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        try:
            network = ip_network(self.destination, strict=False)
        except ValueError as error:
            raise ValueError(
                f"“{self.destination}” is not a network: write it as in 10.20.0.0/16"
            ) from error
        if "/" not in self.destination:
            raise ValueError(
                f"route {self.destination}: say how long the prefix is, as in {network}"
            )
        if str(network.network_address) != str(self._address_written()):
            raise ValueError(
                f"route {self.destination} has bits beyond its prefix; did you mean {network}"
            )
        for title, address in (("gateway", self.gateway), ("source address", self.source)):
            if address is not None and address.version != network.version:
                raise ValueError(
                    f"route {self.destination}: the {title} is of the other IP version"
                )
        if self.kind != "unicast" and (self.gateway or self.on_link or self.source or self.mtu):
            raise ValueError(
                f"route {self.destination} is of kind {self.kind}, which has no gateway, "
                "on_link, source or mtu"
            )
        if self.on_link and self.gateway is None:
            raise ValueError(f"route {self.destination}: on_link says something of a gateway only")
        if self.mtu is not None and network.version == 6 and self.mtu < 1280:
            raise ValueError(f"route {self.destination}: IPv6 needs an MTU of at least 1280")
        return self

    def _address_written(self) -> IPv4Address | IPv6Address:
        address = self.destination.partition("/")[0]
        return IPv6Address(address) if ":" in address else IPv4Address(address)


class IPv4Settings(NetworkSection):
    """IPv4 of an interface: ``auto`` is DHCP, ``manual`` takes the addresses given.

    ``default_route`` off keeps the interface from carrying the default route, whatever DHCP
    says; ``automatic_dns`` off passes over the DNS servers that DHCP names. ``route_metric`` is
    what its routes cost where they do not say themselves: the lowest default route is taken.
    """

    method: Literal["auto", "manual", "disabled"] = "auto"
    addresses: tuple[IPv4Interface, ...] = ()
    gateway: IPv4Address | None = None
    routes: tuple[Route, ...] = ()
    gateway_on_link: bool = False
    default_route: bool = True
    automatic_dns: bool = True
    route_metric: Metric | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_family("IPv4", 4, self)
        return self


class IPv6Settings(NetworkSection):
    """IPv6 of an interface: ``auto`` is router advertisements (and DHCPv6 as they say).

    ``default_route``, ``automatic_dns`` and ``route_metric`` as in :class:`IPv4Settings`.
    """

    method: Literal["auto", "dhcp", "manual", "link-local", "disabled"] = "auto"
    addresses: tuple[IPv6Interface, ...] = ()
    gateway: IPv6Address | None = None
    routes: tuple[Route, ...] = ()
    gateway_on_link: bool = False
    default_route: bool = True
    automatic_dns: bool = True
    route_metric: Metric | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_family("IPv6", 6, self)
        return self


def _check_family(family: str, version: int, settings: IPv4Settings | IPv6Settings) -> None:
    method = settings.method
    if method == "manual" and not settings.addresses:
        raise ValueError(f"a manual {family} configuration needs at least one address")
    if method != "manual" and settings.gateway is not None:
        raise ValueError(f"a {family} gateway is set, but the method is {method}")
    if method in ("disabled", "link-local") and settings.addresses:
        raise ValueError(f"{family} addresses are set, but the method is {method}")
    if method == "disabled" and settings.routes:
        raise ValueError(f"{family} routes are set, but the method is disabled")
    for address in settings.addresses:
        _check_host_address(address)
    seen = set()
    for address in settings.addresses:
        if address.ip in seen:
            raise ValueError(f"the address {address.ip} is given twice")
        seen.add(address.ip)
    if settings.gateway is not None:
        if not settings.default_route:
            raise ValueError(
                f"a {family} gateway is set, but default_route is off: leave one of them out"
            )
        _check_gateway("the gateway", settings.gateway, settings, settings.gateway_on_link)
    _check_routes(family, version, settings)


def _check_host_address(address: IPv4Interface | IPv6Interface) -> None:
    """Whether a host can have the address, in its subnet."""
    ip, network = address.ip, address.network
    what = next(
        (
            word
            for word, holds in (
                ("unspecified", ip.is_unspecified),
                ("a loopback address", ip.is_loopback),
                ("a multicast address", ip.is_multicast),
            )
            if holds
        ),
        None,
    )
    if what:
        raise ValueError(f"{ip} is {what}, which no interface can be given")
    if network.prefixlen == 0:
        raise ValueError(f"{address}: a prefix of 0 would make every address a neighbour")
    if isinstance(network, IPv4Network) and network.prefixlen < 31:
        if ip == network.network_address:
            raise ValueError(f"{ip} is the address of the subnet {network} itself")
        if ip == network.broadcast_address:
            raise ValueError(f"{ip} is the broadcast address of the subnet {network}")


def _check_gateway(
    title: str,
    gateway: IPv4Address | IPv6Address,
    settings: IPv4Settings | IPv6Settings,
    on_link: bool,
) -> None:
    if gateway.is_unspecified or gateway.is_multicast or gateway.is_loopback:
        raise ValueError(f"{title} {gateway} is no address of a router")
    for address in settings.addresses:
        if gateway == address.ip:
            raise ValueError(f"{title} {gateway} is the host's own address")
        network = address.network
        if isinstance(network, IPv4Network) and network.prefixlen < 31 and gateway in network:
            if gateway == network.network_address:
                raise ValueError(f"{title} {gateway} is the address of the subnet {network} itself")
            if gateway == network.broadcast_address:
                raise ValueError(f"{title} {gateway} is the broadcast address of {network}")
    reachable = any(gateway in address.network for address in settings.addresses)
    # What DHCP and router advertisements bring is not known here.
    unknown = settings.method in ("auto", "dhcp") or gateway.is_link_local
    if not (reachable or on_link or unknown):
        networks = ", ".join(str(address.network) for address in settings.addresses) or "none"
        raise ValueError(f"{title} {gateway} is outside the subnet {networks}")


def _check_routes(family: str, version: int, settings: IPv4Settings | IPv6Settings) -> None:
    seen = set()
    for route in settings.routes:
        if route.network.version != version:
            raise ValueError(f"route {route.destination} is not an {family} route")
        key = (route.network, route.table, route.metric)
        if key in seen:
            raise ValueError(
                f"route {route.destination} is given twice; use a metric to tell them apart"
            )
        seen.add(key)
        if route.gateway is not None:
            title = f"route {route.destination}: the gateway"
            _check_gateway(title, route.gateway, settings, route.on_link)
