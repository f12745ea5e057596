"""The packet filter of a machine, which firewalld owns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Opened:
    """What the running filter lets through."""

    services: frozenset[str]
    ports: frozenset[str]


class FirewallDaemon(Protocol):
    """org.fedoraproject.FirewallD1."""

    def known_services(self) -> frozenset[str]:
        """The services that have a name, whether the daemon runs or not."""

    def opened(self, zone: str) -> Opened | None:
        """What ``zone`` lets through now; None when the daemon does not run."""

    def reload(self) -> None:
        """Read the configuration again; connections that are open stay open."""
