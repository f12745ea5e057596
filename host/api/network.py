"""NetworkApi: what the network is like now, trying it out, and the ways out of trouble.

Also the values that a change waiting for its confirmation is shown with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from threading import Event
from typing import TYPE_CHECKING, Any, Literal, Protocol

from host.audit import Actor
from host.status import CheckState

if TYPE_CHECKING:
    from host.document.network import Interface, Network
    from host.jobs import JobEvent, JobRecord

ProbeKind = Literal["link", "address", "duplicate", "gateway", "dns", "peer"]


@dataclass(frozen=True)
class Probe:
    """One thing tried on the network: of ``interface``, about ``target`` (an address, a name)."""

    kind: ProbeKind
    interface: str
    target: str
    state: CheckState
    reason: str
    remedy: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True)
class PendingChange:
    """An applied change that goes back by itself unless somebody confirms it.

    ``seconds_left`` is 0 while it is going back. ``guarded`` is False when NetworkManager was
    restarted meanwhile and forgot its promise; then the guard alone puts things back.
    """

    job: str
    title: str
    who: str
    seconds_left: float
    timeout: int
    changes: tuple[str, ...]
    guarded: bool = True

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True)
class Neighbour:
    """The switch at the other end of a cable, as it announces itself (LLDP)."""

    system: str
    port: str
    description: str = ""


@dataclass(frozen=True)
class LiveInterface:
    """An interface as it is now, described or not.

    ``name`` is the kernel's, ``described_as`` the document's for it. ``speed`` is in Mbit/s.
    ``ports`` are what it controls, ``guests`` the guests' interfaces among them. ``reason`` says
    why it is in its ``state``.
    """

    name: str
    described_as: str | None
    alias: str
    kind: str
    mac: str
    permanent_mac: str | None
    carrier: bool | None
    speed: int | None
    duplex: str | None
    driver: str
    mtu: int
    addresses: tuple[str, ...]
    gateway: str | None
    controller: str | None
    ports: tuple[str, ...]
    guests: tuple[str, ...]
    profile: str | None
    state: str
    reason: str
    neighbours: tuple[Neighbour, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True)
class ForeignProfile:
    """A profile of NetworkManager's that is not the document's; ``device`` where it is up.

    With ``autoconnect`` it comes up by itself at boot.
    """

    uuid: str
    name: str
    kind: str
    interface: str
    file: str
    device: str | None
    autoconnect: bool = True

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON-ready values."""
        return asdict(self)


class NetworkApi(Protocol):
    """What the network is like now, trying it out, and the ways out of trouble."""

    def interfaces(self) -> tuple[LiveInterface, ...]:
        """Every interface but the loopback and those of guests."""

    def test(self, actor: Actor, cancel: Event | None = None) -> tuple[Probe, ...]:
        """Try link, addresses, duplicates, gateways, DNS, and ``actor``'s own address."""

    def identify(self, port: str, seconds: int, actor: Actor) -> None:
        """Have the lamp of a wired port blink; returns when it has stopped."""

    def renew(self, interface: str, actor: Actor) -> None:
        """Ask DHCP and the routers anew for an interface of the document, or of the kernel."""

    def foreign_profiles(self) -> tuple[ForeignProfile, ...]:
        """NetworkManager's profiles that are not the document's."""

    def adopt(self, profile: str) -> Interface:
        """What a foreign profile (by UUID or name) would be in the document; changes nothing.

        Raises Failure for what a document has no words for.
        """

    def switch_off(self, profile: str, actor: Actor) -> None:
        """Keep a foreign profile (by UUID or name) and its ports' from coming up by themselves.

        For one that was adopted; what is up stays up.
        """

    def reset_network(
        self, port: str | None = None, address: str = "", gateway: str = ""
    ) -> Network:
        """The network to fall back on when nothing works; changes nothing.

        Every wired port asks DHCP, or ``port`` alone has ``address`` (with prefix length) and
        ``gateway``. Bridges that guests are on stay, with what carries them.
        """

    def reset(
        self,
        network: Network,
        actor: Actor,
        on_event: Callable[[JobEvent], None] = lambda event: None,
        cancel: Event | None = None,
        confirm_timeout: int | None = None,
    ) -> JobRecord | None:
        """Apply the network of :meth:`reset_network`, as a job of its own."""
