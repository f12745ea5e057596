"""All that a host tells of itself at one moment, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.protocol.inventory import GuestFacts, HostFacts
from agent.protocol.to_manager import Changes, Inventory


@dataclass(frozen=True)
class Snapshot:
    """The host, None before it was looked at, and its guests by UUID."""

    host: HostFacts | None = None
    guests: Mapping[str, GuestFacts] = field(default_factory=dict)


def whole(now: Snapshot, sequence: int) -> Inventory | None:
    """Everything in ``now``; None before the host was looked at."""
    if now.host is None:
        return None
    return Inventory(sequence=sequence, host=now.host, guests=tuple(now.guests.values()))


def difference(said: Snapshot, now: Snapshot, sequence: int) -> Changes | None:
    """What the Manager, who knows ``said``, must be told to know ``now``; None if nothing."""
    guests = tuple(guest for uuid, guest in now.guests.items() if said.guests.get(uuid) != guest)
    gone = tuple(uuid for uuid in said.guests if uuid not in now.guests)
    host = now.host if now.host != said.host else None
    if host is None and not guests and not gone:
        return None
    return Changes(sequence=sequence, host=host, guests=guests, gone=gone)
