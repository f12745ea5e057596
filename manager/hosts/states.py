"""The states of a host, and the one way from one to another."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.orm import Session

from manager.events.event import Severity
from manager.hosts.tables import HostRow
from manager.services import Services


class HostState(StrEnum):
    """How a host is to the Manager; each but the first two has a reason in words."""

    RUNNING = "running"  # connected, and in service
    MAINTENANCE = "maintenance"  # connected, and starts no guests
    JOINING = "joining"  # taken in, and its Agent has not been heard of yet
    UNKNOWN = "unknown"  # the Manager has just started and waits for the Agent
    UNAVAILABLE = "unavailable"  # its Agent is silent; its guests may well run
    INCOMPATIBLE = "incompatible"  # its Agent speaks another version of the protocol


CONNECTED = (HostState.RUNNING, HostState.MAINTENANCE)
_SEVERITY = {
    HostState.UNAVAILABLE: Severity.ERROR,
    HostState.INCOMPATIBLE: Severity.ERROR,
    HostState.UNKNOWN: Severity.WARNING,
}


def subject_of(host: str) -> str:
    """How events, tasks and audit records name a host."""
    return f"host:{host}"


def enter_state(
    services: Services,
    session: Session,
    row: HostRow,
    state: HostState,
    reason: str = "",
    remedy: str = "",
) -> bool:
    """Bring ``row`` into ``state``; returns whether anything changed.

    The row's version makes it a compare-and-set: who comes later with what is no longer true gets
    a Conflict at the commit.
    """
    if (row.state, row.reason, row.remedy) == (state.value, reason, remedy):
        return False
    before = row.state
    row.reason, row.remedy = reason, remedy
    if before != state.value:
        row.state, row.state_since = state.value, services.clock()
        because = f": {reason}" if reason else "."
        services.events.publish(
            session,
            "host.state",
            f"Host {row.name} is {state.value}{because}",
            subject=subject_of(row.id),
            severity=_SEVERITY.get(state, Severity.INFO),
            data={"before": before, "state": state.value, "reason": reason},
        )
    return True
