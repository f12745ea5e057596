"""The links of a machine as they are now, and what can be tried on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

DuplicateState = Literal["", "tentative", "duplicate"]


@dataclass(frozen=True)
class LinkAddress:
    """An address with its prefix length, and what duplicate address detection says of it."""

    address: str
    detection: DuplicateState = ""


@dataclass(frozen=True)
class LinkNeighbour:
    """What a switch announces by LLDP."""

    system: str
    port: str
    description: str = ""


@dataclass(frozen=True)
class Link:
    """An interface as kernel and NetworkManager have it; ``speed`` is in Mbit/s."""

    name: str
    kind: str
    mac: str
    permanent_mac: str | None = None
    carrier: bool | None = None
    speed: int | None = None
    duplex: str | None = None
    driver: str = ""
    mtu: int = 1500
    addresses: tuple[LinkAddress, ...] = ()
    controller: str | None = None
    is_guests: bool = False
    profile: str | None = None
    state: str = "unknown"
    reason: str = ""
    neighbours: tuple[LinkNeighbour, ...] = ()


@dataclass(frozen=True)
class DefaultRoute:
    """A way out: the router ``gateway`` on ``interface``."""

    gateway: str
    interface: str


class Links(Protocol):
    """The kernel, NetworkManager's view of devices, and packets that are sent to see who answers.

    Every trial ends within some seconds.
    """

    def links(self) -> tuple[Link, ...]:
        """All but the loopback, those of guests included."""

    def default_routes(self) -> tuple[DefaultRoute, ...]:
        """Of both families, the preferred ones first."""

    def name_servers(self) -> tuple[str, ...]:
        """The DNS servers in use."""

    def other_holder(self, interface: str, address: str) -> str | None:
        """The MAC address of another station that claims an IPv4 address; None when none does."""

    def neighbour_answers(self, interface: str, address: str) -> bool:
        """Whether a station on the link answers for ``address`` (by ARP or NDP)."""

    def answers_dns(self, server: str) -> bool:
        """Whether a DNS server answers a question at all."""

    def way_to(self, address: str) -> DefaultRoute | None:
        """How packets to ``address`` go: the interface, and the gateway, empty when on the link."""

    def answers_ping(self, address: str) -> bool:
        """Whether ``address`` answers an echo request; many firewalls drop these."""

    def blink(self, port: str, seconds: int) -> None:
        """Have the lamp of a wired port blink; returns when it has stopped."""
