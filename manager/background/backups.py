"""The daily backup."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import select

from manager.access.administrators import is_set_up
from manager.access.principal import SYSTEM
from manager.backup.keeping import kept_backups
from manager.backup.preferences import BackupPreferences
from manager.backup.task_kinds import KIND, PROOF, begin_backup, begin_proof
from manager.preferences.storing import preference
from manager.services import Services
from manager.tasks.tables import TaskRow

_EVERY = 60.0


async def run(services: Services) -> None:
    """See each minute whether it is time."""
    while True:
        await asyncio.sleep(_EVERY)
        if await asyncio.to_thread(is_due, services):
            await asyncio.to_thread(begin_backup, services, SYSTEM)
        elif await asyncio.to_thread(is_proof_due, services):
            await asyncio.to_thread(begin_proof, services, SYSTEM, None)


def is_due(services: Services) -> bool:
    """Whether the hour has come and no daily backup was begun since it last came.

    A Manager that was off at that hour makes up for it when it is on again.
    """
    wanted, now = preference(services, BackupPreferences), services.clock()
    if not wanted.every_day or not is_set_up(services):
        return False
    came = now.replace(hour=wanted.hour, minute=0, second=0, microsecond=0)
    if came > now:
        came -= timedelta(days=1)
    with services.database.reading() as session:
        begun = session.scalar(
            select(TaskRow.id)
            .where(TaskRow.kind == KIND, TaskRow.source == SYSTEM.source, TaskRow.created >= came)
            .limit(1)
        )
    return begun is None


def is_proof_due(services: Services) -> bool:
    """Whether there is a backup, and none was tried by itself for as long as the settings say."""
    wanted = preference(services, BackupPreferences)
    if not wanted.prove_days or not is_set_up(services) or not kept_backups(services):
        return False
    since = services.clock() - timedelta(days=wanted.prove_days)
    with services.database.reading() as session:
        begun = session.scalar(
            select(TaskRow.id)
            .where(TaskRow.kind == PROOF, TaskRow.source == SYSTEM.source, TaskRow.created >= since)
            .limit(1)
        )
    return begun is None
