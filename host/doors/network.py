"""NetworkApi on the ports of a machine (host.api.network).

The document's network is planned, tried out and confirmed by the part of the network; asking
what the network is like now is not part of this version, and is refused in words.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import NoReturn

from foundation.failure import Failure
from host.api.network import ForeignProfile, LiveInterface, Probe
from host.audit import Actor
from host.document.interfaces import Interface
from host.document.network import Network
from host.jobs import JobEvent, JobRecord, Jobs
from host.machine import Machine


class NetworkDoor:
    """See host.api.network.NetworkApi."""

    def __init__(self, machine: Machine, jobs: Jobs) -> None:
        """The door to ``machine``."""
        self._machine = machine
        self._jobs = jobs

    def interfaces(self) -> tuple[LiveInterface, ...]:
        """Refused."""
        _refuse("list the interfaces", "See `ip -details address`.")

    def test(self, actor: Actor, cancel: Event | None = None) -> tuple[Probe, ...]:
        """Refused."""
        _refuse("test the network", "Try `ping` and `resolvectl query` in a shell.")

    def identify(self, port: str, seconds: int, actor: Actor) -> None:
        """Refused."""
        _refuse(f"have {port} blink", f"Use `ethtool --identify {port} {seconds}` in a shell.")

    def renew(self, interface: str, actor: Actor) -> None:
        """Refused."""
        _refuse(f"renew {interface}", f"Use `nmcli device reapply {interface}` in a shell.")

    def foreign_profiles(self) -> tuple[ForeignProfile, ...]:
        """Refused."""
        _refuse("list foreign profiles", "See `nmcli connection show`.")

    def adopt(self, profile: str) -> Interface:
        """Refused."""
        _refuse(f"adopt {profile}", "Describe the interface in the host document.")

    def reset_network(
        self, port: str | None = None, address: str = "", gateway: str = ""
    ) -> Network:
        """Refused."""
        _refuse("propose a network", "Describe the network in the host document, and apply it.")

    def reset(
        self,
        network: Network,
        actor: Actor,
        on_event: Callable[[JobEvent], None] = lambda event: None,
        cancel: Event | None = None,
        confirm_timeout: int | None = None,
    ) -> JobRecord | None:
        """Refused."""
        _refuse("reset the network", "Describe the network in the host document, and apply it.")


def _refuse(what: str, remedy: str) -> NoReturn:
    raise Failure(f"This version cannot {what} yet.", remedy)
