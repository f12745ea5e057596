"""Tasks in the database: shown, closed, told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from foundation.failure import Failure
from manager.access.principal import Principal
from manager.access.role import Role
from manager.audit.recording import Result, record
from manager.events.event import Severity
from manager.tasks.tables import TaskRow
from manager.tasks.task import OPEN, Problem, Task, TaskState, Tier

if TYPE_CHECKING:
    from manager.services import Services

_AUDIT_RESULT = {
    TaskState.DONE: Result.DONE,
    TaskState.FAILED: Result.FAILED,
    TaskState.CANCELLED: Result.REFUSED,
}
_SEVERITY = {
    TaskState.DONE: Severity.INFO,
    TaskState.FAILED: Severity.ERROR,
    TaskState.CANCELLED: Severity.WARNING,
}


def shown(row: TaskRow, *, cancellable: bool) -> Task:
    """``row`` as the API answers it; ``cancellable`` is its kind's."""
    state = TaskState(row.state)
    return Task(
        id=row.id,
        kind=row.kind,
        title=row.title,
        subject=row.subject,
        state=state,
        tier=Tier(row.tier),
        created=row.created,
        created_by=row.created_by,
        started=row.started,
        finished=row.finished,
        deadline=row.deadline,
        percent=row.percent,
        message=row.message,
        cancellable=cancellable and not state.is_final,
        cancel_asked=row.cancel_asked,
        result=row.result,
        error=Problem(**row.error) if row.error else None,
    )


def open_tasks(services: Services) -> list[tuple[str, TaskState, Tier]]:
    """Identifier, state and tier of every task that has not ended, oldest first."""
    with services.database.reading() as session:
        found = session.execute(
            select(TaskRow.id, TaskRow.state, TaskRow.tier)
            .where(TaskRow.state.in_(OPEN))
            .order_by(TaskRow.created, TaskRow.id)
        ).all()
    return [(task, TaskState(state), Tier(tier)) for task, state, tier in found]


def announce(services: Services, task: str) -> None:
    """Tell listeners that ``task`` looks different now; not kept."""
    with services.database.reading() as session:
        row = session.get(TaskRow, task)
    if row is None:
        return
    services.events.announce(
        "task.progress",
        subject=f"task:{task}",
        data={
            "id": row.id,
            "kind": row.kind,
            "title": row.title,
            "subject": row.subject,
            "state": row.state,
            "percent": row.percent,
            "message": row.message,
        },
    )


def close_task(
    services: Services,
    task: str,
    state: TaskState,
    *,
    result: dict[str, Any] | None = None,
    problem: Failure | None = None,
) -> bool:
    """Give ``task`` its final state, with event and audit record; False if it had one already."""
    error = None
    if problem is not None:
        parts = problem.as_dict()
        parts.pop("log", None)
        error = Problem(**parts).model_dump()
    with services.database.writing() as session:
        values: dict[str, Any] = {
            "state": state.value,
            "finished": services.clock(),
            "result": result,
            "error": error,
        }
        if state is TaskState.DONE:
            values |= {"percent": 100, "message": ""}
        changed = session.execute(
            update(TaskRow).where(TaskRow.id == task, TaskRow.state.in_(OPEN)).values(**values)
        )
        if changed.rowcount == 0:  # type: ignore[attr-defined]
            return False
        row = session.get(TaskRow, task)
        assert row is not None
        actor = Principal(row.created_by, Role.OPERATOR, row.source, row.address)
        record(
            session,
            actor,
            row.kind,
            target=row.subject,
            result=_AUDIT_RESULT[state],
            text=problem.cause if problem else "",
            data={"task": task},
            clock=services.clock,
        )
        services.events.publish(
            session,
            f"task.{state.value}",
            f"{row.title}: {problem.cause}" if problem else f"{row.title}: done.",
            subject=f"task:{task}",
            severity=_SEVERITY[state],
            data={"id": task, "kind": row.kind, "subject": row.subject, "error": error},
        )
    return True
