"""The network of a host: interfaces, how they build on each other, and their addresses.

Names and meanings are NetworkManager's. The checks here are those that need no machine: they
hold for a document typed anywhere, for a kickstart, and for what a page of flexVDI Config stages.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from host.document.addressing import IPv4Settings, IPv6Settings, NetworkSection, Route
from host.document.bond_options import BOND_MODES, BOND_OPTIONS, BondMode
from host.document.interfaces import (
    VLAN,
    Bond,
    Bridge,
    Ethernet,
    Interface,
    InterfaceName,
    MacAddress,
    below,
    check_interface_name,
    check_mac_address,
    ports_of,
)
from host.document.network_checks import check_interfaces

__all__ = [
    "BOND_MODES",
    "BOND_OPTIONS",
    "VLAN",
    "Bond",
    "BondMode",
    "Bridge",
    "Ethernet",
    "IPv4Settings",
    "IPv6Settings",
    "Interface",
    "InterfaceName",
    "MacAddress",
    "Network",
    "Route",
    "below",
    "check_interface_name",
    "check_mac_address",
    "management_path",
    "ports_of",
]


class Network(NetworkSection):
    """All interfaces of the host.

    With no interface at all, every wired port asks DHCP. ``management`` names the interface that
    administrators and the Manager reach the host by; None means the one with the default route.
    ``foreign_profiles`` says what becomes of NetworkManager's profiles that are not this
    document's: they stay as they are, or are removed when the document is applied.
    """

    interfaces: tuple[Interface, ...] = ()
    management: InterfaceName | None = None
    foreign_profiles: Literal["keep", "remove"] = "keep"

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        check_interfaces(self.interfaces, self.management)
        return self

    def interface(self, name: str) -> Interface | None:
        """The interface called ``name``, None when it is not described."""
        return next((one for one in self.interfaces if one.name == name), None)


def management_path(network: Network) -> str | None:
    """The interface by which the host can be reached; None when the document leaves none.

    Without interfaces it is the empty name: any wired port that finds a DHCP server.
    """
    if not network.interfaces:
        return ""
    controlled = {port for interface in network.interfaces for port in ports_of(interface)}
    candidates = [
        interface
        for interface in network.interfaces
        if interface.name not in controlled and interface.activate and interface.has_addressing
    ]
    if network.management is not None:
        named = [one.name for one in candidates if one.name == network.management]
        return named[0] if named else None
    leading = [one for one in candidates if _may_lead_out(one)]
    return next((one.name for one in (*leading, *candidates)), None)


def _may_lead_out(interface: Interface) -> bool:
    """Whether the default route can go through it."""
    return any(
        family.default_route and (family.gateway is not None or family.method in ("auto", "dhcp"))
        for family in (interface.ipv4, interface.ipv6)
    )
