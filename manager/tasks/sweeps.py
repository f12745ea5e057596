"""Tasks that are overdue, or that were written down but never reached the engine."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from foundation.failure import Failure
from manager.services import Services
from manager.tasks.storing import close_task
from manager.tasks.tables import TaskRow
from manager.tasks.task import FINAL, OPEN, TaskState, Tier

_KEEP_ENDED = timedelta(days=90)
# A task that is younger may be on its way to the engine this very moment.
_ON_ITS_WAY = timedelta(seconds=20)


def end_overdue(services: Services) -> None:
    """Fail what is not finished by its deadline."""
    with services.database.reading() as session:
        overdue = session.scalars(
            select(TaskRow.id)
            .where(TaskRow.state.in_(OPEN), TaskRow.deadline < services.clock())
            .limit(100)
        ).all()
    for task in overdue:
        problem = Failure(
            "The task was not finished in the time it may take.",
            "Look at what it was to change, then start it again.",
        )
        if close_task(services, task, TaskState.FAILED, problem=problem):
            services.tasks.engine.cancel(task)


def enqueue_lost(services: Services) -> None:
    """Hand over what the Manager wrote down and was killed before the engine knew of it."""
    with services.database.reading() as session:
        waiting = session.execute(
            select(TaskRow.id, TaskRow.tier)
            .where(
                TaskRow.state == TaskState.QUEUED.value,
                TaskRow.created < services.clock() - _ON_ITS_WAY,
            )
            .limit(1000)
        ).all()
    for task, tier in waiting:
        services.tasks.engine.enqueue(task, Tier(tier))


def close_orphans(services: Services) -> None:
    """Fail what is marked as running and that nobody carries out: it would stay so for ever."""
    before = services.clock() - _ON_ITS_WAY
    with services.database.reading() as session:
        running = session.scalars(
            select(TaskRow.id)
            .where(TaskRow.state == TaskState.RUNNING.value, TaskRow.started < before)
            .limit(1000)
        ).all()
    for task in running:
        if not services.tasks.engine.carries(task):
            problem = Failure(
                "The task was cut off and could not be carried on.",
                "Look at what it was to change, then start it again.",
            )
            close_task(services, task, TaskState.FAILED, problem=problem)
            services.tasks.engine.cancel(task)


def forget_old(services: Services) -> None:
    """Remove what ended long ago; its audit records stay."""
    old = (TaskRow.state.in_(FINAL), TaskRow.finished < services.clock() - _KEEP_ENDED)
    with services.database.reading() as session:
        tasks = session.scalars(select(TaskRow.id).where(*old).limit(500)).all()
    if tasks:
        services.tasks.engine.forget(tasks)
        with services.database.writing() as session:
            session.execute(delete(TaskRow).where(TaskRow.id.in_(tasks)))


SWEEPS = (end_overdue, enqueue_lost, close_orphans, forget_old)
