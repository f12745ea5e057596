"""Sessions in figures."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from manager.access.tables import AttemptRow, SessionRow
from manager.figures import Figure
from manager.services import Services


def sessions(services: Services) -> Iterator[Figure]:
    """How many are signed in, and how many fail to."""
    with services.database.reading() as session:
        signed_in = session.scalar(select(func.count()).select_from(SessionRow)) or 0
        failures = session.scalar(select(func.sum(AttemptRow.failures))) or 0
    yield Figure("sessions", "People who are signed in.", signed_in)
    yield Figure("sign_in_failures", "Failed attempts to sign in of the last hour.", failures)


FIGURES = (sessions,)
