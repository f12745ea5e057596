"""Tasks of a real Manager, on both databases, through kills at every step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from manager.tasks.task import WORKERS, Tier
from tests.integration.manager.serving import ServedManager, served, until

WITH_LAB = ("-m", "tests.integration.manager.with_lab")
STEPS = 3


@pytest.fixture
def manager(tmp_path: Path, database_url: str) -> Iterator[ServedManager]:
    with served(tmp_path / "state", database_url, WITH_LAB) as manager:
        yield manager


def begin(client: httpx.Client, folder: Path, **more: Any) -> str:
    answer = client.post("/api/v1/lab", json={"folder": str(folder), "steps": STEPS, **more})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["task"])


def state_of(client: httpx.Client, task: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/tasks/{task}")
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def journal(folder: Path) -> list[str]:
    path = folder / "journal"
    return path.read_text().splitlines() if path.exists() else []


def test_a_manager_killed_in_every_step_carries_the_task_on(
    manager: ServedManager, tmp_path: Path
) -> None:
    client = manager.signed_in()
    task = begin(client, tmp_path)
    for number in range(STEPS):
        until(lambda n=number: f"begin {n}" in journal(tmp_path), f"step {number}")
        manager.kill()
        manager.start()
        client = manager.signed_in()
        assert state_of(client, task)["state"] == "running"
        (tmp_path / f"go-{number}").touch()
        until(lambda n=number: f"end {n}" in journal(tmp_path), f"end of {number}")
    until(lambda: state_of(client, task)["state"] == "done", "the end")
    found = state_of(client, task)
    assert found["result"] == {"steps": [f"result {number}" for number in range(STEPS)]}
    assert found["percent"] == 100
    # A step that ended was not done again, however often the Manager was killed after it.
    ends = [line for line in journal(tmp_path) if line.startswith("end")]
    assert ends == [f"end {number}" for number in range(STEPS)]
    assert "Traceback" not in manager.log_file.read_text()


def test_cancelling_ends_a_running_task_and_survives_a_kill(
    manager: ServedManager, tmp_path: Path
) -> None:
    client = manager.signed_in()
    task = begin(client, tmp_path)
    until(lambda: "begin 0" in journal(tmp_path), "the first step")
    assert client.post(f"/api/v1/tasks/{task}/cancel").status_code == 202
    until(lambda: state_of(client, task)["state"] == "cancelled", "the end")
    assert client.post(f"/api/v1/tasks/{task}/cancel").status_code == 409
    manager.kill()
    manager.start()
    client = manager.signed_in()
    assert state_of(client, task)["state"] == "cancelled"
    assert "end 0" not in journal(tmp_path)


def test_failing_overdue_and_stopping(manager: ServedManager, tmp_path: Path) -> None:
    client = manager.signed_in()
    (tmp_path / "failing").mkdir()
    failing = begin(client, tmp_path / "failing", fails_at=0)
    until(lambda: state_of(client, failing)["state"] == "failed", "the failure")
    assert state_of(client, failing)["error"] == {
        "cause": "The bridge is out.",
        "remedy": "Build another one.",
        "where": "bridge",
        "details": "",
    }
    # Nobody lets this one go on: the sweeper ends it.
    (tmp_path / "late").mkdir()
    late = begin(client, tmp_path / "late", deadline=1)
    until(lambda: state_of(client, late)["state"] == "failed", "the sweeper")
    assert "time" in state_of(client, late)["error"]["cause"]
    # A clean stop does not wait for a task; it is carried on at the next start.
    (tmp_path / "stopped").mkdir()
    stopped = begin(client, tmp_path / "stopped")
    until(lambda: "begin 0" in journal(tmp_path / "stopped"), "the first step")
    assert manager.stop() == 0
    for number in range(STEPS):
        (tmp_path / "stopped" / f"go-{number}").touch()
    manager.start()
    client = manager.signed_in()
    until(lambda: state_of(client, stopped)["state"] == "done", "the end")


def test_followers_hear_of_a_task_and_catch_up_after_a_kill(
    manager: ServedManager, tmp_path: Path
) -> None:
    client = manager.signed_in()
    for number in range(STEPS):
        (tmp_path / f"go-{number}").touch()
    with client.stream("GET", "/api/v1/events/stream") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        task = begin(manager.signed_in(), tmp_path)
        last = ""
        for line in lines:
            if line.startswith("id: "):
                last = line.removeprefix("id: ")
            if line == "event: task.done":
                break
        assert task in next(lines)
    manager.kill()
    manager.start()
    client = manager.signed_in()
    (tmp_path / "journal").unlink()
    missed = begin(client, tmp_path)
    until(lambda: state_of(client, missed)["state"] == "done", "the end")
    headers = {"last-event-id": last}
    with client.stream("GET", "/api/v1/events/stream", headers=headers) as stream:
        for line in stream.iter_lines():
            if line == "event: task.done":
                break


def test_what_waits_for_a_place_outlives_a_kill_and_gets_it(
    manager: ServedManager, tmp_path: Path
) -> None:
    client = manager.signed_in()
    folders = [tmp_path / f"task-{number}" for number in range(WORKERS[Tier.STANDARD] + 2)]
    tasks = []
    for folder in folders:
        folder.mkdir()
        tasks.append(begin(client, folder))
    running, waiting = folders[:-2], folders[-2:]
    until(lambda: all(journal(folder) for folder in running), "as many as have places")
    manager.kill()
    manager.start()
    client = manager.signed_in()
    until(lambda: all(len(journal(folder)) == 2 for folder in running), "those that ran")
    assert [journal(folder) for folder in waiting] == [[], []]
    assert client.post(f"/api/v1/tasks/{tasks[-1]}/cancel").status_code == 202
    for folder in folders:
        for number in range(STEPS):
            (folder / f"go-{number}").touch()
    until(lambda: all(state_of(client, task)["state"] == "done" for task in tasks[:-1]), "the end")
    assert state_of(client, tasks[-1])["state"] == "cancelled"
    assert journal(folders[-1]) == []
