"""Sessions, tokens and attempts that are over."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_, select

from manager.access.attempts import forget_attempts
from manager.access.preferences import SessionPreferences
from manager.access.tables import ApiTokenRow, AttemptRow, SessionRow
from manager.preferences.storing import preference
from manager.services import Services

# Expired tokens stay in the list for a while: "why does my script not work any more?"
_KEEP_TOKENS = timedelta(days=30)


def end_expired(services: Services) -> None:
    """Remove ended sessions, long expired tokens, forgotten attempts; writes only if needed."""
    now, limits = services.clock(), preference(services, SessionPreferences)
    ended = or_(
        SessionRow.last_seen < now - limits.idle, SessionRow.created < now - limits.absolute
    )
    with services.database.reading() as session:
        sessions = session.scalar(select(SessionRow.id).where(ended).limit(1))
        tokens = session.scalar(
            select(ApiTokenRow.id).where(ApiTokenRow.expires < now - _KEEP_TOKENS).limit(1)
        )
        attempts = session.scalar(
            select(AttemptRow.key).where(AttemptRow.last < now - timedelta(hours=2)).limit(1)
        )
    if sessions or tokens:
        with services.database.writing() as session:
            session.execute(delete(SessionRow).where(ended))
            session.execute(delete(ApiTokenRow).where(ApiTokenRow.expires < now - _KEEP_TOKENS))
    if attempts:
        forget_attempts(services)


SWEEPS = (end_expired,)
