"""Looking guests up, in pages sorted by name."""

from __future__ import annotations

import base64
import json
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select, tuple_

from manager.database.paging import Page
from manager.guests.tables import GuestRow
from manager.problems import Invalid
from manager.services import Services


class Guest(BaseModel):
    """A guest; ``host`` is its host's identifier, ``memory`` in bytes."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    host: str
    state: str
    state_since: datetime
    vcpus: int
    memory: int
    autostart: bool


_COLUMNS = (
    *(GuestRow.id, GuestRow.name, GuestRow.host, GuestRow.state),
    *(GuestRow.state_since, GuestRow.vcpus, GuestRow.memory, GuestRow.autostart),
)


def find_guests(
    services: Services,
    *,
    size: int,
    after: str | None = None,
    host: str | None = None,
    state: str | None = None,
    name: str | None = None,
) -> Page[Guest]:
    """A page of guests by name; ``name`` is a part of it, capitals of ASCII do not matter."""
    statement = select(*_COLUMNS)
    if after is not None:
        statement = statement.where(tuple_(GuestRow.name, GuestRow.id) > tuple_(*_place(after)))
    if host is not None:
        statement = statement.where(GuestRow.host == host)
    if state is not None:
        statement = statement.where(GuestRow.state == state)
    if name:
        statement = statement.where(GuestRow.name.icontains(name, autoescape=True))
    # Columns, not objects: a list of hundreds is read without the cost of the ORM's identity map.
    statement = statement.order_by(GuestRow.name, GuestRow.id).limit(size + 1)
    with services.database.reading() as session:
        rows = session.execute(statement).all()
    last = rows[size - 1] if len(rows) > size else None
    return Page(
        items=[Guest.model_validate(row._mapping) for row in rows[:size]],
        next=_mark(last.name, last.id) if last is not None else None,
    )


def count_guests(services: Services) -> dict[str, int]:
    """How many guests are in which state."""
    with services.database.reading() as session:
        found = session.execute(select(GuestRow.state, func.count()).group_by(GuestRow.state)).all()
    return {row[0]: row[1] for row in found}


def _mark(name: str, identifier: str) -> str:
    place = json.dumps([name, identifier], separators=(",", ":"))
    return base64.urlsafe_b64encode(place.encode()).decode()


def _place(after: str) -> tuple[str, str]:
    try:
        name, identifier = json.loads(base64.urlsafe_b64decode(after))
        return str(name), str(identifier)
    except (ValueError, TypeError) as error:
        raise Invalid(
            "This is no place in the list.",
            "Send what the page before said as next.",
            where="after",
        ) from error
