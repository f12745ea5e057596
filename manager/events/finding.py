"""Looking events up."""

from __future__ import annotations

from sqlalchemy import select

from manager.database.paging import Page, page_by
from manager.events.event import Event, Severity
from manager.events.hub import event_of
from manager.events.tables import EventRow
from manager.services import Services

# What a stream that comes back is told at most; who missed more loads the list anew.
_MOST_MISSED = 1000


def find_events(
    services: Services,
    *,
    size: int,
    after: str | None = None,
    kind: str | None = None,
    subject: str | None = None,
    severity: Severity | None = None,
) -> Page[Event]:
    """A page of events, newest first; ``kind`` matches also what begins with it."""
    statement = select(EventRow)
    if kind is not None:
        statement = statement.where(EventRow.kind.startswith(kind, autoescape=True))
    if subject is not None:
        statement = statement.where(EventRow.subject == subject)
    if severity is not None:
        statement = statement.where(EventRow.severity == severity.value)
    with services.database.reading() as session:
        return page_by(
            session, statement, EventRow.id, event_of, size=size, after=after, newest_first=True
        )


def missed_since(services: Services, last: int) -> list[Event]:
    """What was kept after the event ``last``, oldest first."""
    with services.database.reading() as session:
        rows = session.scalars(
            select(EventRow)
            .where(EventRow.id > last)
            .order_by(EventRow.id.desc())
            .limit(_MOST_MISSED)
        ).all()
    return [event_of(row) for row in reversed(rows)]
