"""Hosts that go: of their own will, removed, or given up for lost."""

from __future__ import annotations

from sqlalchemy import delete

from agent.protocol.to_agent import Removed
from manager.access.principal import Principal
from manager.access.role import Role
from manager.audit.recording import record
from manager.guests.feeding import replace_guests
from manager.hosts.certificates import revoke_all
from manager.hosts.live import LiveHosts
from manager.hosts.states import subject_of
from manager.hosts.tables import HostCommandRow, HostRow
from manager.problems import Conflict, no_such
from manager.services import Services


def remove_host(services: Services, host: str, principal: Principal, *, force: bool) -> None:
    """Remove ``host`` from the platform; its Agent is told if it is connected.

    One that is not connected cannot be told, and is removed only by ``force``: its certificate is
    revoked, so that it is refused when it comes back. Its guests go on as they are.
    """
    live = services.part(LiveHosts)
    if live.connected(host) is None and not force:
        with services.database.reading() as session:
            row = session.get(HostRow, host)
        if row is None:
            raise no_such("host", host)
        raise Conflict(
            f"Host {row.name} is not connected, so it cannot be told.",
            "Remove it by force if it does not come back; then it is refused if it does.",
        )
    _remove(services, host, principal, f"removed by {principal.name}")
    live.say(host, Removed(reason=f"removed by {principal.name}"))
    live.forget(host)


def host_leaves(services: Services, host: str, reason: str) -> None:
    """The host itself has said that it goes."""
    principal = Principal(f"host {host}", Role.OPERATOR, subject_of(host))
    _remove(services, host, principal, reason or "left of its own will")


def _remove(services: Services, host: str, principal: Principal, reason: str) -> None:
    with services.database.writing() as session:
        row = session.get(HostRow, host)
        if row is None:
            raise no_such("host", host)
        revoke_all(services, session, host, reason)
        replace_guests(session, host, (), services.clock())
        session.execute(delete(HostCommandRow).where(HostCommandRow.host == host))
        record(
            session,
            principal,
            "host.remove",
            target=subject_of(host),
            text=reason,
            data={"name": row.name},
            clock=services.clock,
        )
        services.events.publish(
            session, "host.removed", f"Host {row.name}: {reason}.", subject=subject_of(host)
        )
        session.delete(row)
