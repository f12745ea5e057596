"""OperationApi: the host in operation, as the Agent watches it and acts on it for the Manager."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from host.audit import Actor

GuestAction = Literal["start", "shut-down", "force-off"]
GuestRunState = Literal[
    "running", "idle", "paused", "stopping", "off", "crashed", "suspended", "unknown"
]


@dataclass(frozen=True)
class Hardware:
    """What the host is made of. ``memory`` in bytes, ``booted_at`` in seconds since 1970.

    ``identity`` is the mainboard's UUID where it has a credible one: it outlives a reinstallation.
    ``cores`` and ``threads`` are of all ``sockets`` together.
    """

    identity: str
    boot_id: str
    booted_at: float
    cpu_model: str
    sockets: int
    cores: int
    threads: int
    memory: int


@dataclass(frozen=True)
class Counters:
    """What was used up to ``at`` (monotonic seconds): bytes, and ``cpu`` in processor seconds.

    ``memory`` is what is in use now.
    """

    at: float
    cpu: float
    memory: int
    received: int
    sent: int
    read: int
    written: int


@dataclass(frozen=True)
class GuestSample:
    """A guest now; ``memory`` in bytes is what it was given, ``counters`` None while it is off."""

    uuid: str
    name: str
    state: GuestRunState
    vcpus: int
    memory: int
    autostart: bool
    counters: Counters | None = None


class OperationApi(Protocol):
    """The host in operation. Calls are made every few seconds, and are as cheap as can be."""

    def hardware(self) -> Hardware:
        """What the host is made of; kept after the first call."""

    def hypervisor(self) -> str:
        """What runs the guests, as in ``QEMU 9.1.0``; empty when it does not answer."""

    def counters(self) -> Counters:
        """What the host has used so far."""

    def guests(self) -> tuple[GuestSample, ...]:
        """All guests; raises Failure when libvirt does not answer, and may hang as it does."""

    def act_on_guest(self, uuid: str, action: GuestAction, actor: Actor) -> None:
        """Do it to a guest; raises Failure when there is none, or libvirt refuses."""
