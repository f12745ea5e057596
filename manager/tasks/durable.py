"""The engine of a serving Manager: DBOS Transact, durable workflows in the database.

There is one workflow, "carry out a task"; its steps are the task's. DBOS keeps each step's result,
so that a Manager that was killed carries on behind the last step that ended.

What waits for its turn waits in the table of tasks, and in memory beside it. DBOS has queues too,
but looks at each several times a second, with three queries: an idle Manager would spend most of
its processor time on that, and who clicks would wait for the next look.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import psycopg
from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy import Engine, create_engine, event

from manager.tasks.run import carry_out
from manager.tasks.storing import open_tasks
from manager.tasks.task import WORKERS, TaskKind, TaskState, Tier
from manager.tasks.turns import Turns

if TYPE_CHECKING:
    from manager.services import Services

log = logging.getLogger("flexvdi.manager.tasks")

# Fixed: tasks are carried on by a newer version of the program, too. Kinds and names of steps
# are therefore part of what must stay compatible from one release to the next.
_APPLICATION_VERSION = "1"
# DBOS's names of the states that something follows.
_GOES_ON = ("PENDING", "ENQUEUED", "DELAYED")


class DurableEngine:
    """DBOS, of which a process can have one."""

    def __init__(self, url: str) -> None:
        """``url`` is the database of the engine's own tables."""
        self._url = url
        self._cancelled: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        self._turns = Turns(WORKERS)

    def start(self, services: Services, kinds: dict[str, TaskKind]) -> None:
        """Launch DBOS, which carries on what was cut off; then begin what waits."""
        global _current
        self._services, self._kinds = services, kinds
        _current = self
        config: DBOSConfig = {
            "name": "flexvdi-manager",
            "system_database_url": self._url,
            "application_version": _APPLICATION_VERSION,
            "executor_id": "manager",
            "enable_otlp": False,
            "log_level": "WARNING",
            "console_log_level": "WARNING",
            "sys_db_pool_size": 8,
            "max_executor_threads": sum(WORKERS.values()) + 8,
            "notification_listener_polling_interval_sec": 1.0,
        }
        if self._url.startswith("postgresql"):
            config["system_database_engine"] = _patient_engine(self._url)
        for task, state, tier in open_tasks(services):
            if state is TaskState.RUNNING:
                self._turns.resume(task, tier)
            else:
                self._turns.wait(task, tier)
        DBOS(config=config)
        DBOS.listen_queues([])
        DBOS.launch()
        threading.Thread(target=self._begin_in_turn, name="task-turns", daemon=True).start()

    def enqueue(self, task: str, tier: Tier) -> None:
        """Carry ``task`` out when there is a place in its tier; doing so twice is harmless."""
        self._turns.wait(task, tier)

    def cancel(self, task: str) -> None:
        """Ask a running task to end, drop a waiting one."""
        with self._lock:
            running = self._cancelled.get(task)
        if running is not None:
            running.set()
        else:
            self._turns.end(task)

    def carries(self, task: str) -> bool:
        """Whether a thread is at it, or DBOS has it in a state that it goes on from."""
        with self._lock:
            if task in self._cancelled:
                return True
        status = DBOS.get_workflow_status(task)
        return status is not None and status.status in _GOES_ON

    def forget(self, tasks: Sequence[str]) -> None:
        """Remove workflows and the results of their steps."""
        DBOS.delete_workflows(list(tasks))

    def stop(self) -> None:
        """End; what runs is cut off where it is and carried on at the next start."""
        global _current
        self._turns.close()
        DBOS.destroy(workflow_completion_timeout_sec=0)
        _current = None

    def carry_out(self, task: str) -> None:
        """Run ``task`` inside of its workflow."""
        cancelled = threading.Event()
        with self._lock:
            self._cancelled[task] = cancelled
        try:
            carry_out(self._services, self._kinds, task, _as_step, cancelled)
        finally:
            with self._lock:
                self._cancelled.pop(task, None)
            self._turns.end(task)

    def _begin_in_turn(self) -> None:
        while (task := self._turns.next()) is not None:
            try:
                # The identifier makes a second beginning harmless: nothing begins, then.
                with SetWorkflowID(task):
                    begun = DBOS.start_workflow(run_task, task)
                if begun.get_status().status not in _GOES_ON:
                    self._turns.end(task)
            except Exception:  # of one task; the others still get their turns
                log.exception("task %s could not be begun; the sweeper tries again", task)
                self._turns.end(task)


def _patient_engine(url: str) -> Engine:
    """An engine whose failures to connect DBOS recognises as such, so that it waits and retries.

    It looks for "connection failed" in psycopg's text, which says "connection is bad" where there
    is but one address to try; a task would end by that instead of outliving a database's restart.
    """
    engine = create_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True)

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        try:
            return psycopg.connect(*arguments, **options)
        except psycopg.OperationalError as error:
            if "connection failed" in str(error):
                raise
            raise psycopg.OperationalError(f"connection failed: {error}") from error

    return engine


_current: DurableEngine | None = None


@DBOS.workflow(name="flexvdi-task")
def run_task(task: str) -> None:
    """The one workflow; its identifier is the task's."""
    if _current is not None:
        _current.carry_out(task)


def _as_step(name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return DBOS.run_step({"name": name}, work)
