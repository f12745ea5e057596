"""Creating, finding and cancelling tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from foundation.failure import Cancelled
from manager.access.principal import Principal
from manager.audit.recording import Result, record
from manager.database.engine import after_commit
from manager.database.paging import Page, page_by
from manager.identifiers import new_identifier
from manager.problems import Conflict, no_such
from manager.tasks.storing import announce, close_task, shown
from manager.tasks.tables import TaskRow
from manager.tasks.task import OPEN, Task, TaskKind, TaskState, Tier

if TYPE_CHECKING:
    from manager.services import Services


class TaskEngine(Protocol):
    """What carries tasks out."""

    def start(self, services: Services, kinds: dict[str, TaskKind]) -> None:
        """Begin, and carry on what was cut off."""

    def enqueue(self, task: str, tier: Tier) -> None:
        """Carry ``task`` out when it is its turn; doing so twice is harmless."""

    def cancel(self, task: str) -> None:
        """Ask a running ``task`` to end, drop a waiting one."""

    def carries(self, task: str) -> bool:
        """Whether ``task``, which has begun, runs or will be carried on."""

    def forget(self, tasks: Sequence[str]) -> None:
        """Remove what is kept of ``tasks``, which ended long ago."""

    def stop(self) -> None:
        """End; what runs is carried on at the next start."""


class Tasks:
    """The tasks of a Manager."""

    def __init__(self, engine: TaskEngine, kinds: dict[str, TaskKind]) -> None:
        """``kinds`` by their names."""
        self.engine = engine
        self.kinds = kinds
        self._services: Services | None = None

    def start(self, services: Services) -> None:
        """Begin to carry tasks out."""
        self._services = services
        self.engine.start(services, self.kinds)

    def stop(self) -> None:
        """End carrying out."""
        self.engine.stop()

    def create(
        self,
        session: Session,
        kind: str,
        arguments: dict[str, Any],
        principal: Principal,
        *,
        title: str,
        subject: str = "",
        deadline: float | None = None,
    ) -> str:
        """Create a task with what else ``session`` writes; it begins once that is committed.

        ``arguments`` are JSON without secrets; ``deadline`` (seconds) overrides the kind's.
        Returns the task's identifier.
        """
        services, known = self._given(), self.kinds[kind]
        now = services.clock()
        row = TaskRow(
            id=new_identifier(),
            kind=kind,
            title=title[:300],
            subject=subject,
            state=TaskState.QUEUED.value,
            tier=known.tier.value,
            arguments=arguments,
            created=now,
            created_by=principal.name,
            source=principal.source,
            address=principal.address,
            deadline=now + timedelta(seconds=deadline or known.deadline),
        )
        session.add(row)
        record(
            session,
            principal,
            kind,
            target=subject,
            result=Result.STARTED,
            data={"task": row.id, **arguments},
            clock=services.clock,
        )
        task = row.id

        def begin() -> None:
            announce(services, task)
            self.engine.enqueue(task, known.tier)

        after_commit(session, begin)
        return task

    def get(self, task: str) -> Task:
        """The task called ``task``; raises NotFound."""
        with self._given().database.reading() as session:
            row = session.get(TaskRow, task)
        if row is None:
            raise no_such("task", task)
        return self._shown(row)

    def find(
        self,
        *,
        size: int,
        after: str | None = None,
        state: TaskState | None = None,
        kind: str | None = None,
        subject: str | None = None,
        only_open: bool = False,
    ) -> Page[Task]:
        """A page of tasks, newest first."""
        statement = select(TaskRow)
        if only_open:
            statement = statement.where(TaskRow.state.in_(OPEN))
        if state is not None:
            statement = statement.where(TaskRow.state == state.value)
        if kind is not None:
            statement = statement.where(TaskRow.kind == kind)
        if subject is not None:
            statement = statement.where(TaskRow.subject == subject)
        with self._given().database.reading() as session:
            return page_by(
                session,
                statement,
                TaskRow.id,
                self._shown,
                size=size,
                after=after,
                newest_first=True,
            )

    def cancel(self, task: str, principal: Principal) -> Task:
        """Ask ``task`` to end; raises NotFound, or Conflict where that is not possible."""
        found, services = self.get(task), self._given()
        if found.state.is_final:
            raise Conflict("This task has ended already.", "There is nothing to cancel.")
        if not found.cancellable:
            raise Conflict("Tasks of this kind cannot be cancelled.", "Wait until it has ended.")
        with services.database.writing() as session:
            session.execute(update(TaskRow).where(TaskRow.id == task).values(cancel_asked=True))
            record(session, principal, "task.cancel", target=f"task:{task}", clock=services.clock)
        if found.state is TaskState.QUEUED:
            close_task(
                services, task, TaskState.CANCELLED, problem=Cancelled("waiting in its queue")
            )
        self.engine.cancel(task)
        return self.get(task)

    def _shown(self, row: TaskRow) -> Task:
        kind = self.kinds.get(row.kind)
        return shown(row, cancellable=bool(kind and kind.cancellable))

    def _given(self) -> Services:
        assert self._services is not None, "the tasks were not started"
        return self._services
