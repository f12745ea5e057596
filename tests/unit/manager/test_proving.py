"""Whether a backup would work is tried; tests/integration/manager does it on PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from foundation.secret import Secret
from manager.access.principal import SYSTEM
from manager.access.tables import SecondFactorRow
from manager.background.backups import is_proof_due
from manager.backup.keeping import folder_of
from manager.backup.preferences import BackupPreferences
from manager.backup.task_kinds import begin_proof
from manager.certificates.secret_box import SecretBox
from manager.preferences.storing import change_preference
from manager.services import Services

from .conftest import SteppingClock, add_somebody


def back_up(admin: TestClient) -> str:
    admin.post("/api/v1/backups")
    name: str = admin.get("/api/v1/backups").json()["items"][0]["name"]
    return name


def tried(admin: TestClient, backup: str | None = None) -> dict[str, Any]:
    answer = admin.post("/api/v1/backups/verify", json={"backup": backup})
    assert answer.status_code == 202, answer.text
    task: dict[str, Any] = admin.get(f"/api/v1/tasks/{answer.json()['task']}").json()
    return task


def test_a_good_backup_is_proven_and_nothing_stays_behind(
    admin: TestClient, services: Services
) -> None:
    add_somebody(admin, "maria", "operator")
    name = back_up(admin)
    before = sorted(path.name for path in services.settings.state.iterdir())
    task = tried(admin)
    assert task["state"] == "done", task
    assert task["result"]["backup"] == name
    assert task["result"]["rows"] > 3
    assert "administrators: root" in task["result"]["found"]
    assert sorted(path.name for path in services.settings.state.iterdir()) == before
    (shown,) = admin.get("/api/v1/backups").json()["items"]
    assert shown["proven"] is True and shown["proof"] == task["id"]
    assert "It works" in admin.get("/backups").text
    assert "flexvdi_last_backup_proof_good 1" in admin.get("/metrics").text


def test_a_damaged_one_is_told_with_what_to_do(admin: TestClient, services: Services) -> None:
    name = back_up(admin)
    path = folder_of(services) / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    task = tried(admin, name)
    assert task["state"] == "failed"
    assert "damaged" in task["error"]["cause"] and task["error"]["remedy"]
    health = admin.get("/health").json()
    assert health["status"] == "degraded"
    assert any(name in reason for reason in health["reasons"]), health
    events = admin.get("/api/v1/events").json()["items"]
    assert any(event["kind"] == "backup.useless" and name in event["text"] for event in events)
    assert "It does not work" in admin.get("/backups").text
    path.unlink()
    back_up(admin)
    tried(admin)
    assert admin.get("/health").json()["status"] == "ok", "a newer one that works ends the worry"


def test_a_passphrase_that_was_changed_since_is_told(
    admin: TestClient, services: Services, clock: SteppingClock
) -> None:
    admin.put("/api/v1/backups/passphrase", json={"passphrase": "several words in a row"})
    name = back_up(admin)
    assert tried(admin, name)["state"] == "done"
    admin.put("/api/v1/backups/passphrase", json={"passphrase": "other words in a row"})
    failed = tried(admin, name)
    assert failed["state"] == "failed" and "passphrase" in failed["error"]["cause"]


def test_a_key_of_another_manager_is_found_out(
    admin: TestClient, services: Services, tmp_path: Path
) -> None:
    """As after somebody has copied files about: it unpacks, and would be of no use."""
    sealed = SecretBox(tmp_path / "other.key").seal(Secret("JBSWY3DPEHPK3PXP"), "person:x:totp")
    with services.database.writing() as session:
        session.add(
            SecondFactorRow(
                id="x",
                source="directory:x",
                person="x",
                name="x",
                totp_secret=sealed,
                totp_last_step=0,
                recovery_codes=[],
            )
        )
    back_up(admin)
    failed = tried(admin)
    assert failed["state"] == "failed" and failed["error"]["where"] == "secret key"


def test_what_is_not_there_is_refused_at_once(admin: TestClient) -> None:
    assert admin.post("/api/v1/backups/verify", json={}).status_code == 409
    body = {"backup": "../secret.key"}
    assert admin.post("/api/v1/backups/verify", json=body).status_code == 404


def test_only_administrators_may(admin: TestClient) -> None:
    operator, _ = add_somebody(admin, "maria", "operator")
    assert operator.post("/api/v1/backups/verify", json={}).status_code == 403


def test_it_is_tried_by_itself_every_so_often(
    admin: TestClient, services: Services, clock: SteppingClock
) -> None:
    assert not is_proof_due(services), "there is no backup"
    back_up(admin)
    assert is_proof_due(services)
    begin_proof(services, SYSTEM, None)
    assert not is_proof_due(services)
    clock.forward(days=7, seconds=1)
    assert is_proof_due(services)
    change_preference(services, BackupPreferences(prove_days=0), SYSTEM)
    assert not is_proof_due(services)


def test_leftovers_of_a_killed_one_are_removed(admin: TestClient, services: Services) -> None:
    left = services.settings.state / ".proof-killed"
    (left / "tables").mkdir(parents=True)
    back_up(admin)
    assert tried(admin)["state"] == "done"
    assert not left.exists()


def test_a_disk_that_is_nearly_full_is_told_before_anything_is_unpacked(
    admin: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(admin)
    monkeypatch.setattr("manager.backup.proving._LEAST_FREE", 2**62)
    failed = tried(admin)
    assert failed["state"] == "failed" and "not enough space" in failed["error"]["cause"]
