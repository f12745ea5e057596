"""Old events go; the audit log keeps what must be kept."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select

from manager.events.tables import EventRow
from manager.services import Services

KEEP = timedelta(days=90)
MOST = 200_000


def forget_old(services: Services) -> None:
    """Remove what is older than :data:`KEEP`, and the oldest beyond :data:`MOST`."""
    with services.database.reading() as session:
        oldest = session.scalar(select(EventRow.time).order_by(EventRow.id).limit(1))
        newest = session.scalar(select(func.max(EventRow.id))) or 0
        first = session.scalar(select(func.min(EventRow.id))) or 0
    before = services.clock() - KEEP
    if oldest is None or (oldest >= before and newest - first < MOST):
        return
    with services.database.writing() as session:
        session.execute(
            delete(EventRow).where((EventRow.time < before) | (EventRow.id <= newest - MOST))
        )


SWEEPS = (forget_old,)
