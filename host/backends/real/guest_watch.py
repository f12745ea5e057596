"""All guests of this machine, by libvirt's bulk statistics (host.machine.guest_watch).

One connection is kept and used again: opening one costs more than the question. It is used by one
thread at a time. Names of the statistics are virConnectGetAllDomainStats'.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import Any

from foundation.failure import Failure
from host.api.operation import Counters, GuestAction, GuestRunState, GuestSample

SYSTEM_URI = "qemu:///system"
_REMEDY = "See `systemctl status libvirtd virtqemud`."
_STATES: tuple[GuestRunState, ...] = (  # virDomainState
    "unknown",
    "running",
    "idle",
    "paused",
    "stopping",
    "off",
    "crashed",
    "suspended",
)
_ACTIVE = frozenset(("running", "idle", "paused", "stopping", "suspended"))
_KIB, _NANOSECOND = 1024, 1e-9


class RealGuestWatch:
    """The libvirt behind ``uri``."""

    def __init__(self, uri: str = SYSTEM_URI) -> None:
        """Connects when it is first asked."""
        self._uri = uri
        self._connection: Any = None
        self._lock = Lock()

    def sample(self) -> tuple[GuestSample, ...]:
        """getAllDomainStats, and which start at boot."""
        with self._lock:
            found: tuple[GuestSample, ...] = self._asked(_sample)
            return found

    def act(self, uuid: str, action: GuestAction) -> None:
        """On a connection of its own: a guest that is slow to start keeps nobody waiting."""
        try:
            connection = _open(self._uri)
            try:
                _act(connection, uuid, action)
            finally:
                connection.close()
        except _libvirt_error() as error:
            raise Failure(f"libvirt: {_words(error)}.", _REMEDY) from error

    def hypervisor(self) -> str:
        """getType and getVersion."""
        try:
            with self._lock:
                kind, version = self._asked(lambda one: (one.getType(), one.getVersion()))
        except Failure:
            return ""
        return f"{kind} {version // 1_000_000}.{version // 1000 % 1000}.{version % 1000}"

    def _asked(self, question: Any) -> Any:
        """The answer; a connection that broke is forgotten, so that the next call opens another."""
        error_type = _libvirt_error()
        try:
            if self._connection is None or not self._connection.isAlive():
                self._connection = _open(self._uri)
            return question(self._connection)
        except error_type as error:
            self._connection = None
            raise Failure(f"libvirt does not answer: {_words(error)}.", _REMEDY) from error


def _open(uri: str) -> Any:
    import libvirt

    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    return libvirt.open(uri)


def _libvirt_error() -> type[Exception]:
    try:
        import libvirt
    except ImportError as error:
        raise Failure("libvirt's Python binding is missing.", _REMEDY) from error
    kind: type[Exception] = libvirt.libvirtError
    return kind


def _words(error: Any) -> str:
    return (error.get_error_message() or "no reason given").rstrip(".")


def _sample(connection: Any) -> tuple[GuestSample, ...]:
    import libvirt

    wanted = (
        libvirt.VIR_DOMAIN_STATS_STATE
        | libvirt.VIR_DOMAIN_STATS_CPU_TOTAL
        | libvirt.VIR_DOMAIN_STATS_BALLOON
        | libvirt.VIR_DOMAIN_STATS_VCPU
        | libvirt.VIR_DOMAIN_STATS_INTERFACE
        | libvirt.VIR_DOMAIN_STATS_BLOCK
    )
    # NOWAIT: a guest that is busy with a long job gives what it has, and holds nobody up.
    flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
    autostart = {
        domain.UUIDString()
        for domain in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART)
    }
    now = time.monotonic()
    return tuple(
        read_sample(domain.UUIDString(), domain.name(), said, autostart, now)
        for domain, said in connection.getAllDomainStats(wanted, flags)
    )


def read_sample(
    uuid: str, name: str, said: dict[str, Any], autostart: set[str], now: float
) -> GuestSample:
    """A guest as libvirt's statistics tell of it; what is not said counts as nothing."""
    number = int(said.get("state.state", 0))
    state = _STATES[number] if number < len(_STATES) else "unknown"
    given = int(said.get("balloon.current", said.get("balloon.maximum", 0))) * _KIB
    counters = None
    if state in _ACTIVE:
        unused = int(said.get("balloon.usable", said.get("balloon.unused", 0))) * _KIB
        counters = Counters(
            at=now,
            cpu=int(said.get("cpu.time", 0)) * _NANOSECOND,
            # Without a balloon driver in the guest, only what QEMU holds is known.
            memory=given - unused if unused else int(said.get("balloon.rss", 0)) * _KIB,
            received=_sum(said, "net", "rx.bytes"),
            sent=_sum(said, "net", "tx.bytes"),
            read=_sum(said, "block", "rd.bytes"),
            written=_sum(said, "block", "wr.bytes"),
        )
    return GuestSample(
        uuid=uuid,
        name=name,
        state=state,
        vcpus=int(said.get("vcpu.current", said.get("vcpu.maximum", 0))),
        memory=given,
        autostart=uuid in autostart,
        counters=counters,
    )


def _sum(said: dict[str, Any], kind: str, what: str) -> int:
    count = int(said.get(f"{kind}.count", 0))
    return sum(int(said.get(f"{kind}.{number}.{what}", 0)) for number in range(count))


def _act(connection: Any, uuid: str, action: GuestAction) -> None:
    import libvirt

    try:
        domain = connection.lookupByUUIDString(uuid)
    except libvirt.libvirtError as error:
        raise Failure(
            f"There is no guest {uuid} on this host.", "It may have moved; look at the list again."
        ) from error
    active = bool(domain.isActive())
    if action == "start" and not active:
        domain.create()
    elif action == "shut-down" and active:
        domain.shutdown()
    elif action == "force-off" and active:
        domain.destroy()
