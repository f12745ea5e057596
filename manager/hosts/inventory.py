"""Keeping what a host tells of itself and its guests."""

from __future__ import annotations

from sqlalchemy.orm import Session

from agent.protocol.inventory import GuestFacts, HostFacts
from manager.guests.feeding import put_guests, remove_guests, replace_guests
from manager.hosts.states import HostState, enter_state
from manager.hosts.tables import HostRow
from manager.services import Services


def take_inventory(
    services: Services, host: str, facts: HostFacts, guests: tuple[GuestFacts, ...]
) -> None:
    """All of it, in place of what was known."""
    with services.database.writing() as session:
        row = session.get(HostRow, host)
        if row is None:
            return
        _take_facts(services, session, row, facts)
        replace_guests(session, host, guests, services.clock())


def take_changes(
    services: Services,
    host: str,
    facts: HostFacts | None,
    guests: tuple[GuestFacts, ...],
    gone: tuple[str, ...],
) -> None:
    """What differs."""
    with services.database.writing() as session:
        row = session.get(HostRow, host)
        if row is None:
            return
        if facts is not None:
            _take_facts(services, session, row, facts)
        put_guests(session, host, guests, services.clock())
        remove_guests(session, host, gone)


def _take_facts(services: Services, session: Session, row: HostRow, facts: HostFacts) -> None:
    row.facts = facts.model_dump(mode="json")
    row.last_seen = services.clock()
    if facts.maintenance is not None:
        reason = f"{facts.maintenance.reason} ({facts.maintenance.who})"
        enter_state(services, session, row, HostState.MAINTENANCE, reason)
    else:
        enter_state(services, session, row, HostState.RUNNING, " ".join(facts.degraded))
