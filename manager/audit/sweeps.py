"""How long audit records are kept."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from manager.audit.preferences import AuditPreferences
from manager.audit.tables import AuditRow
from manager.preferences.storing import preference
from manager.services import Services


def forget_old(services: Services) -> None:
    """Remove what is older than the settings say."""
    before = services.clock() - timedelta(days=preference(services, AuditPreferences).keep_days)
    with services.database.reading() as session:
        oldest = session.scalar(select(AuditRow.time).order_by(AuditRow.id).limit(1))
    if oldest is not None and oldest < before:
        with services.database.writing() as session:
            session.execute(delete(AuditRow).where(AuditRow.time < before))


SWEEPS = (forget_old,)
