"""The database goes away and comes back; the Manager says so, loses nothing and goes on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.manager.postgresql import PostgresCluster, new_cluster
from tests.integration.manager.serving import served, until

WITH_LAB = ("-m", "tests.integration.manager.with_lab")
# What the states may take to agree again, seconds.
PATIENCE = 120


@pytest.fixture
def own_cluster() -> Iterator[PostgresCluster]:
    """A cluster that this test may kill."""
    cluster = new_cluster()
    yield cluster
    cluster.kill()
    shutil.rmtree(cluster.folder, ignore_errors=True)


def test_a_killed_database_is_told_and_everything_goes_on_afterwards(
    own_cluster: PostgresCluster, tmp_path: Path
) -> None:
    with served(tmp_path / "state", own_cluster.new_database(), WITH_LAB) as manager:
        client = manager.signed_in()
        body = {"folder": str(tmp_path), "steps": 2}
        task = client.post("/api/v1/lab", json=body).json()["task"]
        journal = tmp_path / "journal"
        until(lambda: journal.exists() and "begin 0" in journal.read_text(), "the first step")

        own_cluster.kill()
        until(lambda: client.get("/health").status_code == 503, "the bad news", PATIENCE)
        health = client.get("/health").json()
        assert health["status"] == "degraded"
        assert "database" in health["reasons"][0]
        answer = client.get("/api/v1/tasks")
        assert answer.status_code == 503
        assert answer.json()["remedy"]
        for number in range(2):
            (tmp_path / f"go-{number}").touch()

        own_cluster.start()
        until(lambda: client.get("/health").status_code == 200, "the good news", PATIENCE)

        def ended() -> bool:
            answer = client.get(f"/api/v1/tasks/{task}")
            return answer.status_code == 200 and answer.json()["state"] in ("done", "failed")

        until(ended, "the task's end", PATIENCE)
        found = client.get(f"/api/v1/tasks/{task}").json()
        assert found["state"] == "done", (found["error"], manager.log_file.read_text()[-3000:])
        assert manager.process is not None
        assert manager.process.poll() is None
