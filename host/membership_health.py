"""How the host's connection to its Manager is, as one of the host's health checks."""

from __future__ import annotations

from foundation.failure import Failure
from host.api.membership import MembershipApi
from host.status import NOT_A_MEMBER, HealthCheck


def membership_health(membership: MembershipApi) -> tuple[str, HealthCheck | None]:
    """The Manager's address for the status, and the check; none for a host without a Manager."""
    try:
        status = membership.status()
    except Failure as failure:
        return NOT_A_MEMBER, HealthCheck("Manager", "failed", failure.cause, failure.remedy)
    if status is None:
        return NOT_A_MEMBER, None
    address = status.manager.address
    if status.state == "connected":
        return address, HealthCheck("Manager", "ok", f"The Agent is connected to {address}.")
    reason = status.problem or f"The Agent is not connected to {address}."
    return address, HealthCheck("Manager", "warning", reason, status.remedy)
