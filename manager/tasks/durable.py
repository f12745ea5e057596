"""The engine of a serving Manager: DBOS Transact, durable workflows in the database.

There is one workflow, "carry out a task"; its steps are the task's. DBOS keeps each step's result,
so that a Manager that was killed carries on behind the last step that ended.
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
from manager.tasks.task import WORKERS, TaskKind, Tier

if TYPE_CHECKING:
    from manager.services import Services

log = logging.getLogger("flexvdi.manager.tasks")

# Fixed: tasks are carried on by a newer version of the program, too. Kinds and names of steps
# are therefore part of what must stay compatible from one release to the next.
_APPLICATION_VERSION = "1"
# How often each queue is looked at, in seconds; each look costs the database a query.
_POLLING: dict[Tier, float] = {
    Tier.INTERACTIVE: 0.25,
    Tier.STANDARD: 0.5,
    Tier.BULK: 2.0,
    Tier.MAINTENANCE: 2.0,
}
# DBOS's names of the states that something follows.
_GOES_ON = ("PENDING", "ENQUEUED", "DELAYED")


class DurableEngine:
    """DBOS, of which a process can have one."""

    def __init__(self, url: str) -> None:
        """``url`` is the database of the engine's own tables."""
        self._url = url
        self._cancelled: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def start(self, services: Services, kinds: dict[str, TaskKind]) -> None:
        """Launch DBOS, which carries on what was cut off."""
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
        DBOS(config=config)
        DBOS.launch()
        for tier, workers in WORKERS.items():
            DBOS.register_queue(
                tier.value,
                worker_concurrency=workers,
                polling_interval_sec=_POLLING[tier],
                on_conflict="always_update",
            )

    def enqueue(self, task: str, tier: Tier) -> None:
        """Put ``task`` into the queue of its tier; its identifier makes a second time harmless."""
        with SetWorkflowID(task):
            DBOS.enqueue_workflow(tier.value, run_task, task)

    def cancel(self, task: str) -> None:
        """Ask a running task to end; a waiting one finds its row closed when its turn comes."""
        with self._lock:
            if task in self._cancelled:
                self._cancelled[task].set()

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
        _current = None
        DBOS.destroy(workflow_completion_timeout_sec=0)

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
