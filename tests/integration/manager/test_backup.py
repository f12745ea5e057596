"""Backups of a real Manager, restored by the real command, from each database into each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from manager.database.engine import Database
from manager.settings import Settings
from tests.integration.manager.postgresql import PostgresCluster
from tests.integration.manager.serving import PASSWORD, REPOSITORY, ServedManager, served, until

PASSPHRASE = "several words in a row"


def restore(state: Path, database: str, file: Path, passphrase: str) -> str:
    argv = [sys.executable, "-m", "manager", "restore", "--state", str(state), str(file)]
    argv += ["--passphrase-file", "-", "--database", database]
    done = subprocess.run(
        argv, input=passphrase + "\n", capture_output=True, text=True, cwd=REPOSITORY
    )
    return done.stdout + done.stderr if done.returncode == 0 else f"FAILED {done.stderr}"


def back_up(manager: ServedManager, file: Path) -> None:
    client = manager.signed_in()
    client.put("/api/v1/backups/passphrase", json={"passphrase": PASSPHRASE}).raise_for_status()
    new = {"name": "maria", "role": "operator", "password": PASSWORD, "must_change_password": False}
    client.post("/api/v1/administrators", json=new).raise_for_status()
    task = client.post("/api/v1/backups").json()["task"]
    until(lambda: client.get(f"/api/v1/tasks/{task}").json()["state"] == "done", "the backup's end")
    name = client.get("/api/v1/backups").json()["items"][0]["name"]
    file.write_bytes(client.get(f"/api/v1/backups/{name}").content)


@pytest.mark.parametrize(
    ("source", "target"),
    [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("postgresql", "postgresql")],
)
def test_one_managers_backup_is_anothers_state(
    postgresql: PostgresCluster, tmp_path: Path, source: str, target: str
) -> None:
    urls = {
        "source": postgresql.new_database() if source == "postgresql" else "",
        "target": postgresql.new_database() if target == "postgresql" else "",
    }
    file = tmp_path / "x.backup"
    with served(tmp_path / "old", urls["source"]) as old:
        back_up(old, file)
        # Not over a Manager that runs.
        refused = restore(old.state, urls["source"], file, PASSPHRASE)
        assert "FAILED" in refused and "Stop it first" in refused
        fingerprint = old.signed_in().get("/api/v1/ca/fingerprint").json()

    # A Manager that had a life of its own before, on the target.
    with served(tmp_path / "new", urls["target"]) as new:
        new.signed_in("other")
        new.stop()
        assert "passphrase is not right" in restore(new.state, urls["target"], file, "wrong words")
        done = restore(new.state, urls["target"], file, PASSPHRASE)
        assert "Restored" in done
        assert PASSPHRASE not in done
        new.start()
        client = new.signed_in("maria")
        assert client.get("/api/v1/ca/fingerprint").json() == fingerprint
        root = new.signed_in()
        names = [each["name"] for each in root.get("/api/v1/administrators").json()["items"]]
        assert names == ["maria", "root"]
        # Counters go on behind what was restored.
        assert root.post("/api/v1/backups").status_code == 202
        audit = [each["id"] for each in root.get("/api/v1/audit?size=500").json()["items"]]
        assert len(audit) == len(set(audit))
        assert "Traceback" not in new.log_file.read_text()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_is_restored_for_trial_beside_what_is_there(
    postgresql: PostgresCluster, tmp_path: Path, kind: str
) -> None:
    url = postgresql.new_database() if kind == "postgresql" else ""
    with served(tmp_path / "state", url) as manager:
        back_up(manager, tmp_path / "x.backup")
        client = manager.signed_in()

        def verified() -> dict[str, Any]:
            task = client.post("/api/v1/backups/verify", json={}).json()["task"]
            ended = ("done", "failed")
            until(lambda: client.get(f"/api/v1/tasks/{task}").json()["state"] in ended, "its end")
            found: dict[str, Any] = client.get(f"/api/v1/tasks/{task}").json()
            return found

        done = verified()
        assert done["state"] == "done", done
        assert "administrators: maria, root" in done["result"]["found"] or (
            "administrators: root" in done["result"]["found"]
        )
        # What it stands on is as it was, and nothing is left of the trial.
        names = [each["name"] for each in client.get("/api/v1/administrators").json()["items"]]
        assert names == ["maria", "root"]
        assert not list((tmp_path / "state").glob(".proof-*"))
        if url:
            database = Database(Settings(state=tmp_path, database=url).database_url)
            with database.reading() as session:
                schemas = set(session.scalars(text("SELECT nspname FROM pg_namespace")))
            database.close()
            assert "flexvdi_proof" not in schemas and "public" in schemas
        (kept,) = (manager.state / "backups").glob("*.backup")
        kept.write_bytes(kept.read_bytes()[:-200])
        failed = verified()
        assert failed["state"] == "failed" and failed["error"]["remedy"], failed
        assert client.get("/health").json()["status"] == "degraded"
