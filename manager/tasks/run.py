"""One task while it runs: what its function may ask and tell."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import update

from foundation.failure import Cancelled, Failure
from manager.access.principal import Principal
from manager.access.role import Role
from manager.database.engine import DatabaseAway
from manager.tasks.storing import announce, close_task
from manager.tasks.tables import TaskRow
from manager.tasks.task import OPEN, TaskKind, TaskState

if TYPE_CHECKING:
    from manager.services import Services

log = logging.getLogger("flexvdi.manager.tasks")

# Seconds between two progress reports that are written down.
_REPORT_EVERY = 0.5
# Seconds between two looks whether a database that was away is there again.
_DATABASE_EVERY = 1.0

Result = TypeVar("Result")


class Stepper(Protocol):
    """Runs a step at most once to its end, however often the task is started anew."""

    def __call__(self, name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The result of ``work``, or what it was when it ran before."""


class TaskRun:
    """Given to the function of a task kind."""

    def __init__(
        self, services: Services, row: TaskRow, stepper: Stepper, cancelled: threading.Event
    ) -> None:
        """``cancelled`` is set from outside when somebody asks for the end."""
        self.services = services
        self.id = row.id
        self.subject = row.subject
        self.arguments: dict[str, Any] = dict(row.arguments)
        self.principal = Principal(row.created_by, Role.OPERATOR, row.source, row.address)
        self.cancelled = cancelled
        self._stepper = stepper
        self._title = row.title
        self._reported = 0.0

    def step(self, name: str, work: Callable[..., Any], *arguments: Any) -> Any:
        """Do ``work(*arguments)`` as a step and return its result, which must be JSON.

        A step that ended is not done again when the Manager was killed and carries the task on;
        one that was cut off is, so it must be idempotent. Raises what ``work`` raised
        (as Failure), or Cancelled before it begins.
        """
        self.check()
        outcome = self._stepper(name, lambda: self._outcome(work, arguments))
        if "failure" in outcome:
            parts = outcome["failure"]
            raise Failure(
                parts["cause"],
                parts.get("remedy", ""),
                where=parts.get("where", ""),
                details=parts.get("details", ""),
            )
        if "cancelled" in outcome:
            raise Cancelled(self._title)
        return outcome["value"]

    def check(self) -> None:
        """Raise Cancelled if somebody asked for the end."""
        if self.cancelled.is_set():
            raise Cancelled(self._title)

    def progress(self, percent: int, message: str = "") -> None:
        """Tell how far it is (0 to 100) and what it does just now; raises Cancelled."""
        self.check()
        now = time.monotonic()
        if now - self._reported < _REPORT_EVERY and percent < 100:
            return
        self._reported = now
        with contextlib.suppress(DatabaseAway):  # the next report will do as well
            with self.services.database.writing() as session:
                session.execute(
                    update(TaskRow)
                    .where(TaskRow.id == self.id, TaskRow.state == TaskState.RUNNING.value)
                    .values(percent=max(0, min(100, percent)), message=message[:500])
                )
            announce(self.services, self.id)

    def _outcome(self, work: Callable[..., Any], arguments: tuple[Any, ...]) -> dict[str, Any]:
        while True:
            try:
                return {"value": work(*arguments)}
            except Cancelled:
                return {"cancelled": True}
            except DatabaseAway:
                # A step is idempotent, and the database comes back: do it again then.
                if self.cancelled.wait(_DATABASE_EVERY):
                    return {"cancelled": True}
            except Failure as failure:
                return {"failure": failure.as_dict()}


def _patiently(work: Callable[[], Result]) -> Result:
    """The result of ``work``, done again for as long as the database is away.

    That is no failure of the task's: it goes on when the database is there again.
    """
    while True:
        try:
            return work()
        except DatabaseAway:
            time.sleep(_DATABASE_EVERY)


def carry_out(
    services: Services,
    kinds: dict[str, TaskKind],
    task: str,
    stepper: Stepper,
    cancelled: threading.Event,
) -> None:
    """Run ``task`` from where it is to a final state. Never raises for what the task did."""
    row = _patiently(lambda: _begin(services, task))
    if row is None:
        return
    kind = kinds.get(row.kind)
    if kind is None:
        problem = Failure(
            f"This version of the Manager has no tasks of the kind {row.kind!r}.",
            "Start the task again from its page.",
        )
        _close(services, task, TaskState.FAILED, problem=problem)
        return
    if row.cancel_asked:
        cancelled.set()
    try:
        result = kind.run(TaskRun(services, row, stepper, cancelled))
    except Cancelled as failure:
        _close(services, task, TaskState.CANCELLED, problem=failure)
    except Failure as failure:
        _close(services, task, TaskState.FAILED, problem=failure)
    except Exception:
        log.exception("task %s (%s) ended by a defect", task, row.kind)
        problem = Failure(
            "The task ended by an unexpected error, which is a defect in the Manager.",
            f"Report it with the Manager's log around this time; search there for {task}.",
        )
        _close(services, task, TaskState.FAILED, problem=problem)
    else:
        _close(services, task, TaskState.DONE, result=result or {})


def _close(
    services: Services,
    task: str,
    state: TaskState,
    *,
    result: dict[str, Any] | None = None,
    problem: Failure | None = None,
) -> None:
    _patiently(lambda: close_task(services, task, state, result=result, problem=problem))


def _begin(services: Services, task: str) -> TaskRow | None:
    """Mark as running; None where it has ended already (by cancelling, or the sweeper)."""
    with services.database.writing() as session:
        row = session.get(TaskRow, task)
        if row is None or row.state not in OPEN:
            return None
        row.state = TaskState.RUNNING.value
        row.started = row.started or services.clock()
    announce(services, task)
    return row
