"""Hosts as people and programs see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agent.protocol.inventory import HostFacts
from agent.protocol.statistics import Load
from manager.access.principal import Principal
from manager.audit.recording import record
from manager.database.paging import Page, page_by
from manager.guests.tables import GuestRow
from manager.hosts.live import LiveHosts
from manager.hosts.preferences import HostPreferences
from manager.hosts.states import HostState, subject_of
from manager.hosts.tables import HostCertificateRow, HostRow
from manager.preferences.storing import preference
from manager.problems import Conflict, no_such
from manager.services import Services


class Host(BaseModel):
    """A host in a list; times in UTC, ``memory`` in bytes.

    ``state`` is explained by ``reason`` and ``remedy``. ``load`` is the latest sample, None while
    there is none.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    description: str
    state: HostState
    reason: str
    remedy: str
    state_since: datetime
    connected: bool
    address: str
    agent_version: str
    joined: datetime
    joined_by: str
    last_seen: datetime | None
    cpu_threads: int
    memory: int
    guests: int
    guests_running: int
    load: Load | None
    version: int


class HostDetail(Host):
    """All that is known of a host; ``facts`` are its own words, None before it said any.

    ``missing_bridges`` are those that the platform expects and the host has not.
    """

    protocol: str
    epoch: int
    facts: HostFacts | None
    missing_bridges: list[str]
    certificate_until: datetime | None


def find_hosts(
    services: Services, *, size: int, after: str | None = None, state: HostState | None = None
) -> Page[Host]:
    """A page of hosts, by name."""
    statement = select(HostRow)
    if state is not None:
        statement = statement.where(HostRow.state == state.value)
    with services.database.reading() as session:
        counts = _guest_counts(session)
        return page_by(
            session,
            statement,
            HostRow.name,
            lambda row: Host(**_shown(services, row, counts)),
            size=size,
            after=after,
        )


def get_host(services: Services, host: str) -> HostDetail:
    """One host; raises NotFound."""
    with services.database.reading() as session:
        row = session.get(HostRow, host)
        if row is None:
            raise no_such("host", host)
        counts = _guest_counts(session, host)
        until = session.scalar(
            select(func.max(HostCertificateRow.expires)).where(
                HostCertificateRow.host == host, HostCertificateRow.revoked.is_(None)
            )
        )
    facts = HostFacts.model_validate(row.facts) if row.facts is not None else None
    return HostDetail(
        **_shown(services, row, counts),
        protocol=row.protocol,
        epoch=row.epoch,
        facts=facts,
        missing_bridges=missing_bridges(services, facts),
        certificate_until=until,
    )


def missing_bridges(services: Services, facts: HostFacts | None) -> list[str]:
    """The platform's bridges that a host has not; none while the host is not known."""
    if facts is None:
        return []
    wanted = preference(services, HostPreferences).bridges
    return [name for name in wanted if name not in facts.bridges]


def change_host(
    services: Services,
    host: str,
    principal: Principal,
    *,
    name: str | None,
    description: str | None,
    version: int | None,
) -> HostDetail:
    """Give a host another name or description; ``version`` is what the change was made from.

    Raises NotFound, or Conflict when the name is taken or somebody was quicker.
    """
    with services.database.writing() as session:
        row = session.get(HostRow, host)
        if row is None:
            raise no_such("host", host)
        if version is not None and row.version != version:
            raise Conflict(
                "This host was changed by somebody else in the meantime.", "Load it again."
            )
        if name is not None and name != row.name:
            if session.scalar(select(HostRow.id).where(HostRow.name == name)) is not None:
                raise Conflict(f"There is a host {name} already.", where="name")
            row.name = name
        if description is not None:
            row.description = description
        record(
            session,
            principal,
            "host.change",
            target=subject_of(host),
            data={"name": name, "description": description},
            clock=services.clock,
        )
    return get_host(services, host)


def _guest_counts(session: Session, host: str | None = None) -> dict[str, tuple[int, int]]:
    """Guests and running guests of each host."""
    statement = select(GuestRow.host, GuestRow.state, func.count()).group_by(
        GuestRow.host, GuestRow.state
    )
    if host is not None:
        statement = statement.where(GuestRow.host == host)
    counts: dict[str, tuple[int, int]] = {}
    for name, state, count in session.execute(statement):
        every, running = counts.get(name, (0, 0))
        is_running = state in ("running", "idle", "paused", "stopping", "suspended")
        counts[name] = (every + count, running + (count if is_running else 0))
    return counts


def _shown(services: Services, row: HostRow, counts: dict[str, tuple[int, int]]) -> dict[str, Any]:
    live = services.part(LiveHosts)
    samples = live.samples(row.id)
    guests, running = counts.get(row.id, (0, 0))
    facts = row.facts or {}
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "state": HostState(row.state),
        "reason": row.reason,
        "remedy": row.remedy,
        "state_since": row.state_since,
        "connected": live.connected(row.id) is not None,
        "address": row.address,
        "agent_version": row.agent_version,
        "joined": row.joined,
        "joined_by": row.joined_by,
        "last_seen": row.last_seen,
        "cpu_threads": facts.get("cpu_threads", 0),
        "memory": facts.get("memory", 0),
        "guests": guests,
        "guests_running": running,
        "load": samples[-1].load if samples else None,
        "version": row.version,
    }
