"""Tasks in one process: their life, their limits, and what the sweeper makes of lost ones."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from foundation.failure import Failure
from manager.access.principal import SYSTEM
from manager.database.engine import DatabaseAway
from manager.problems import Conflict, NotFound
from manager.services import Services
from manager.tasks.inline import InlineEngine
from manager.tasks.run import TaskRun, carry_out
from manager.tasks.storing import close_task
from manager.tasks.sweeps import close_orphans, end_overdue, enqueue_lost, forget_old
from manager.tasks.task import Task, TaskKind, TaskState

from .conftest import SteppingClock

Made = Callable[..., Task]


class HoldingEngine(InlineEngine):
    """An engine that only remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.cancelled: list[str] = []
        self.lost: set[str] = set()

    def enqueue(self, task: str, tier: Any) -> None:
        self.given.append(task)

    def cancel(self, task: str) -> None:
        self.cancelled.append(task)

    def carries(self, task: str) -> bool:
        return task not in self.lost


@pytest.fixture
def made(services: Services) -> Made:
    """Make a task of a function, and carry it out (or not, with ``engine``)."""

    def make(
        work: Callable[[TaskRun], dict[str, Any] | None],
        *,
        engine: HoldingEngine | None = None,
        cancellable: bool = True,
        **arguments: Any,
    ) -> Task:
        services.tasks.kinds["test"] = TaskKind("test", work, deadline=60, cancellable=cancellable)
        services.tasks.engine = engine or InlineEngine()
        services.tasks.engine.start(services, services.tasks.kinds)
        with services.database.writing() as session:
            task = services.tasks.create(session, "test", arguments, SYSTEM, title="Test it")
        return services.tasks.get(task)

    return make


def test_a_task_that_ends_well(made: Made, services: Services) -> None:
    def work(run: TaskRun) -> dict[str, Any]:
        run.progress(40, "half-way")
        return {"sum": run.step("add", lambda a, b: a + b, 1, run.arguments["b"])}

    task = made(work, b=2)
    assert (task.state, task.percent, task.result) == (TaskState.DONE, 100, {"sum": 3})
    assert task.finished is not None


def test_a_failure_keeps_cause_and_remedy(made: Made) -> None:
    def work(run: TaskRun) -> None:
        def step() -> None:
            raise Failure("It is full.", "Make room.", where="disk")

        run.step("fill", step)

    task = made(work)
    assert task.state is TaskState.FAILED
    assert task.error is not None
    assert (task.error.cause, task.error.remedy, task.error.where) == (
        *("It is full.", "Make room.", "disk"),
    )


def test_a_defect_says_so_and_nothing_more(made: Made) -> None:
    def work(run: TaskRun) -> None:
        raise KeyError("some secret value")

    task = made(work)
    assert task.error is not None
    assert "defect" in task.error.cause
    assert "secret" not in task.model_dump_json()


def test_a_database_that_is_away_for_a_moment_is_no_failure(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("manager.tasks.run._DATABASE_EVERY", 0.001)
    times = []

    def step() -> int:
        times.append(1)
        if len(times) < 3:
            raise DatabaseAway("Away.", "Wait.")
        return len(times)

    task = made(lambda run: {"times": run.step("ask", step)})
    assert (task.state, task.result) == (TaskState.DONE, {"times": 3})


def test_cancelling_what_waits_what_runs_and_what_has_ended(made: Made, services: Services) -> None:
    engine = HoldingEngine()
    ran = []
    task = made(lambda run: ran.append(1), engine=engine)
    assert services.tasks.cancel(task.id, SYSTEM).state is TaskState.CANCELLED
    # Its turn comes all the same: nothing is done.
    carry_out(services, services.tasks.kinds, task.id, lambda _, work: work(), threading.Event())
    assert ran == []
    with pytest.raises(Conflict):
        services.tasks.cancel(task.id, SYSTEM)
    with pytest.raises(NotFound):
        services.tasks.cancel("none", SYSTEM)

    stopping = threading.Event()

    def work(run: TaskRun) -> None:
        stopping.set()
        run.step("never", ran.append, 2)

    running = made(work, engine=engine)
    carry_out(services, services.tasks.kinds, running.id, lambda _, w: w(), stopping)
    assert services.tasks.get(running.id).state is TaskState.CANCELLED
    assert ran == []


def test_some_cannot_be_cancelled(made: Made, services: Services) -> None:
    task = made(lambda run: None, engine=HoldingEngine(), cancellable=False)
    assert task.cancellable is False
    with pytest.raises(Conflict):
        services.tasks.cancel(task.id, SYSTEM)


def test_a_kind_that_is_gone_is_told(made: Made, services: Services) -> None:
    task = made(lambda run: None, engine=HoldingEngine())
    del services.tasks.kinds["test"]
    carry_out(services, services.tasks.kinds, task.id, lambda _, work: work(), threading.Event())
    error = services.tasks.get(task.id).error
    assert error is not None
    assert "'test'" in error.cause


def test_a_final_state_is_final(made: Made, services: Services) -> None:
    task = made(lambda run: None)
    assert not close_task(services, task.id, TaskState.FAILED, problem=Failure("Late."))
    assert services.tasks.get(task.id).state is TaskState.DONE


def test_the_sweeper_ends_what_is_overdue_or_lost(
    made: Made, services: Services, clock: SteppingClock
) -> None:
    engine = HoldingEngine()
    waiting = made(lambda run: None, engine=engine)
    engine.given.clear()
    enqueue_lost(services)
    assert engine.given == []  # it may be on its way
    clock.forward(seconds=30)
    enqueue_lost(services)
    assert engine.given == [waiting.id]
    clock.forward(seconds=31)
    end_overdue(services)
    assert services.tasks.get(waiting.id).state is TaskState.FAILED
    assert engine.cancelled == [waiting.id]


def test_the_sweeper_closes_orphans_alone(
    made: Made, services: Services, clock: SteppingClock
) -> None:
    engine = HoldingEngine()
    tasks = [made(lambda run: None, engine=engine) for _ in range(2)]
    from manager.tasks.tables import TaskRow

    with services.database.writing() as session:
        for task in tasks:
            row = session.get(TaskRow, task.id)
            assert row is not None
            row.state, row.started = "running", clock()
    engine.lost = {tasks[0].id}
    close_orphans(services)
    assert services.tasks.get(tasks[0].id).state is TaskState.RUNNING
    clock.forward(seconds=30)
    close_orphans(services)
    assert [services.tasks.get(task.id).state for task in tasks] == [
        *(TaskState.FAILED, TaskState.RUNNING),
    ]
    assert engine.cancelled == [tasks[0].id]  # it gives its place back


def test_old_ones_go_and_lists_are_paged(
    made: Made, admin: TestClient, services: Services, clock: SteppingClock
) -> None:
    for _ in range(5):
        made(lambda run: None)
    seen: list[str] = []
    after: str | None = None
    while True:
        query = {"size": "2", "kind": "test", **({"after": after} if after else {})}
        page = admin.get("/api/v1/tasks", params=query).json()
        seen += [each["id"] for each in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)
    clock.forward(days=91)
    forget_old(services)
    assert services.tasks.find(size=10).items == []
