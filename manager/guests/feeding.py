"""Keeping what hosts say of their guests.

A guest is one row, whichever host has it. While it moves, two hosts know it: the row stays with the
one on which it is not off.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from agent.protocol.inventory import GuestFacts
from manager.guests.tables import GuestRow

_AT_ONCE = 500  # what a database takes in one IN (…)
_OFF = ("off", "crashed", "unknown")


def replace_guests(
    session: Session, host: str, guests: tuple[GuestFacts, ...], now: datetime
) -> None:
    """These are the guests of ``host``, and no others."""
    known = session.scalars(select(GuestRow.id).where(GuestRow.host == host)).all()
    said = {guest.uuid for guest in guests}
    remove_guests(session, host, tuple(uuid for uuid in known if uuid not in said))
    put_guests(session, host, guests, now)


def put_guests(session: Session, host: str, guests: tuple[GuestFacts, ...], now: datetime) -> None:
    """These guests of ``host`` are new, or have changed."""
    for part in _in_parts(guests):
        uuids = [guest.uuid for guest in part]
        rows = {
            row.id: row for row in session.scalars(select(GuestRow).where(GuestRow.id.in_(uuids)))
        }
        for guest in part:
            _put(session, rows.get(guest.uuid), host, guest, now)


def remove_guests(session: Session, host: str, gone: tuple[str, ...]) -> None:
    """``host`` no longer has these; one that another host has by now stays."""
    for start in range(0, len(gone), _AT_ONCE):
        session.execute(
            delete(GuestRow).where(
                GuestRow.host == host, GuestRow.id.in_(gone[start : start + _AT_ONCE])
            )
        )


def _put(
    session: Session, row: GuestRow | None, host: str, guest: GuestFacts, now: datetime
) -> None:
    if row is None:
        row = GuestRow(id=guest.uuid, host=host, state="", state_since=now)
        session.add(row)
    elif row.host != host and row.state not in _OFF and guest.state in _OFF:
        return
    if row.state != guest.state:
        row.state, row.state_since = guest.state, now
    row.host, row.name = host, guest.name[:255]
    row.vcpus, row.memory, row.autostart = guest.vcpus, guest.memory, guest.autostart


def _in_parts(guests: tuple[GuestFacts, ...]) -> Iterable[tuple[GuestFacts, ...]]:
    return (guests[start : start + _AT_ONCE] for start in range(0, len(guests), _AT_ONCE))
