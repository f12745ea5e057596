"""Backups that were not made."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from manager.backup.task_kinds import KIND, PROOF
from manager.services import Services
from manager.tasks.tables import TaskRow
from manager.tasks.task import FINAL, TaskState


def last_failed(services: Services) -> Iterator[str]:
    """Why the last backup failed."""
    with services.database.reading() as session:
        last = session.scalar(
            select(TaskRow)
            .where(TaskRow.kind == KIND, TaskRow.state.in_(FINAL))
            .order_by(TaskRow.id.desc())
            .limit(1)
        )
    if last is not None and last.state == TaskState.FAILED.value and last.error is not None:
        yield f"The last backup failed: {last.error['cause']} {last.error['remedy']}"


def not_restorable(services: Services) -> Iterator[str]:
    """Why the newest backup that was tried could not be restored."""
    with services.database.reading() as session:
        last = session.scalar(
            select(TaskRow)
            .where(TaskRow.kind == PROOF, TaskRow.state.in_(FINAL))
            .order_by(TaskRow.id.desc())
            .limit(1)
        )
    if last is not None and last.state == TaskState.FAILED.value and last.error is not None:
        name = last.subject.removeprefix("backup:")
        yield (
            f"The backup {name} could not be restored for trial: {last.error['cause']} "
            f"{last.error['remedy']}"
        )


WORRIES = (last_failed, not_restorable)
