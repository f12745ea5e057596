"""What a host tells of itself and its guests: all that changes by events, not by the second."""

from __future__ import annotations

from typing import Literal

from agent.protocol.message import Part

GuestState = Literal[
    "running", "idle", "paused", "stopping", "off", "crashed", "suspended", "unknown"
]


class InterfaceFacts(Part):
    """A network interface; ``speed`` in Mbit/s, ``addresses`` with their prefix length."""

    name: str
    kind: str
    mac: str = ""
    link: bool | None = None
    speed: int | None = None
    addresses: tuple[str, ...] = ()
    controller: str | None = None


class StorageFacts(Part):
    """A place that holds images; sizes in bytes, None where they are not known."""

    name: str
    kind: str
    state: str
    size: int | None = None
    free: int | None = None
    reason: str = ""


class CheckFacts(Part):
    """One thing that the host looked at in itself (host.status.HealthCheck)."""

    name: str
    state: Literal["ok", "warning", "failed", "unknown"]
    reason: str
    remedy: str = ""


class MaintenanceFacts(Part):
    """That the host starts no guests by itself: who wanted it, why, since when (1970 seconds)."""

    who: str
    reason: str
    since: float


class HostFacts(Part):
    """A host. ``booted_at`` is in seconds since 1970, ``memory`` in bytes.

    ``accelerator`` is ``kvm``, ``tcg`` or empty when no guest can run; ``degraded`` says in
    sentences what the Agent cannot look at right now, as when libvirt does not answer.
    ``manager_places`` (since 1.1) are the addresses at which the host knows its Manager, the one
    that it dials first at the beginning.
    """

    host_name: str
    product: str
    version: str
    boot_id: str
    booted_at: float
    cpu_model: str = ""
    cpu_sockets: int = 1
    cpu_cores: int = 1
    cpu_threads: int = 1
    memory: int = 0
    hypervisor: str = ""
    accelerator: str = ""
    displays: tuple[str, ...] = ()
    management_address: str | None = None
    interfaces: tuple[InterfaceFacts, ...] = ()
    storages: tuple[StorageFacts, ...] = ()
    checks: tuple[CheckFacts, ...] = ()
    maintenance: MaintenanceFacts | None = None
    degraded: tuple[str, ...] = ()
    manager_places: tuple[str, ...] = ()

    @property
    def bridges(self) -> tuple[str, ...]:
        """The bridges that guests can be attached to, by name."""
        return tuple(sorted(one.name for one in self.interfaces if one.kind == "bridge"))


class GuestFacts(Part):
    """A guest as libvirt has it; ``memory`` in bytes."""

    uuid: str
    name: str
    state: GuestState
    vcpus: int = 0
    memory: int = 0
    autostart: bool = False
