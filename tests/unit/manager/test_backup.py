"""Backup and restore on SQLite; tests/integration/manager has PostgreSQL and a real Manager."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from foundation.failure import Failure
from foundation.secret import Secret
from manager.access.tables import AdministratorRow, SessionRow
from manager.background.backups import is_due
from manager.backup.keeping import name_at
from manager.backup.making import make_backup
from manager.backup.restoring import examine_backup, restore_backup
from manager.certificates.authority import CertificateAuthority
from manager.database.engine import Database
from manager.problems import Conflict
from manager.services import Services, open_services
from manager.settings import RESTORE_MARK, Settings
from manager.state_lock import locked_state
from manager.tasks.inline import InlineEngine
from manager.tasks.tables import TaskRow
from manager.worries import worries

from .conftest import SETUP_PASSWORD, SteppingClock, add_somebody, another

PASSPHRASE = Secret("several words in a row")


def reopened(settings: Settings) -> Services:
    return open_services(settings, InlineEngine())


def names(services: Services) -> set[str]:
    with services.database.reading() as session:
        return set(session.scalars(select(AdministratorRow.name)))


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE], ids=["clear", "encrypted"])
def test_what_was_backed_up_comes_back_whole(
    admin: TestClient, services: Services, tmp_path: Path, passphrase: Secret | None
) -> None:
    add_somebody(admin, "maria", "operator")
    sealed = services.secret_box.seal(Secret("bind"), "test")
    file = tmp_path / "x.backup"
    header = make_backup(services, file, passphrase)
    assert header.ca_fingerprint == services.authority.fingerprint
    assert file.stat().st_mode & 0o777 == 0o600

    # Into an empty state, as after a total loss.
    elsewhere = Settings(state=tmp_path / "new")
    with locked_state(elsewhere):
        restore_backup(elsewhere, file, passphrase, lambda _: None)
    restored = reopened(elsewhere)
    assert names(restored) == {"root", "maria"}
    assert restored.authority.fingerprint == services.authority.fingerprint
    assert restored.secret_box.open(sealed, "test").reveal() == "bind"
    with restored.database.reading() as session:
        assert session.scalars(select(SessionRow)).all() == []
        before = session.scalars(select(AdministratorRow.created)).all()
    with services.database.reading() as session:
        assert session.scalars(select(AdministratorRow.created)).all() == before


def test_what_was_there_is_kept_and_later_changes_are_gone(
    admin: TestClient, services: Services, tmp_path: Path
) -> None:
    make_backup(services, tmp_path / "x.backup", None)
    add_somebody(admin, "maria", "operator")
    services.database.close()
    restore_backup(services.settings, tmp_path / "x.backup", None, lambda _: None)
    assert names(reopened(services.settings)) == {"root"}
    (kept,) = services.settings.state.glob("before-restore-*")
    assert names(reopened(Settings(state=kept))) == {"root", "maria"}


def test_what_was_under_way_when_it_was_made_failed_but_for_backups(
    admin: TestClient, services: Services, tmp_path: Path
) -> None:
    """A trial that was cut off says nothing of any backup, and must worry nobody."""
    now = services.clock()
    with services.database.writing() as session:
        for number, kind in enumerate(("host.drain", "backup.prove", "backup.create")):
            session.add(
                TaskRow(
                    **{"id": f"task-{number}", "kind": kind, "title": kind, "subject": "x"},
                    **{"state": "running", "tier": "standard", "arguments": {}},
                    **{"created": now, "created_by": "x", "source": "x", "address": ""},
                    deadline=now,
                )
            )
    make_backup(services, tmp_path / "x.backup", None)
    services.database.close()
    restore_backup(services.settings, tmp_path / "x.backup", None, lambda _: None)
    restored = reopened(services.settings)
    with restored.database.reading() as session:
        rows = session.scalars(select(TaskRow).where(TaskRow.id.startswith("task-")))
        states = {row.kind: row.state for row in rows}
    assert states == {
        "host.drain": "failed",
        "backup.prove": "cancelled",
        "backup.create": "cancelled",
    }
    assert list(worries(restored)) == []


def test_an_encrypted_backup_shows_nothing_and_needs_its_passphrase(
    admin: TestClient, services: Services, tmp_path: Path
) -> None:
    file = tmp_path / "x.backup"
    make_backup(services, file, PASSPHRASE)
    content = file.read_bytes()
    assert b"PRIVATE KEY" not in content
    assert PASSPHRASE.reveal().encode() not in content
    target = Settings(state=tmp_path / "new")
    target.state.mkdir()
    for wrong in (None, Secret("not the passphrase")):
        with pytest.raises(Failure) as refused:
            restore_backup(target, file, wrong, lambda _: None)
        assert "passphrase" in refused.value.cause + refused.value.remedy
    assert list(target.state.iterdir()) == []


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE], ids=["clear", "encrypted"])
@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "other"])
def test_a_damaged_backup_changes_nothing(
    admin: TestClient,
    services: Services,
    tmp_path: Path,
    damage: str,
    passphrase: Secret | None,
) -> None:
    file = tmp_path / "x.backup"
    make_backup(services, file, passphrase)
    content = file.read_bytes()
    middle = len(content) - 2000
    damaged = {
        "cut": content[:-300],
        "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "empty": b"",
        "other": b"PK\x03\x04" + content,
    }
    file.write_bytes(damaged[damage])
    services.database.close()
    before = (services.settings.state / "manager.sqlite").read_bytes()
    with pytest.raises(Failure) as refused:
        restore_backup(services.settings, file, passphrase, lambda _: None)
    assert refused.value.remedy
    assert (services.settings.state / "manager.sqlite").read_bytes() == before
    assert not (services.settings.state / RESTORE_MARK).exists()
    assert names(reopened(services.settings)) == {"root"}


def test_a_backup_of_a_newer_manager_is_refused(services: Services, tmp_path: Path) -> None:
    with services.database.writing() as session:
        session.execute(text("INSERT INTO alembic_version VALUES ('from-the-future')"))
    make_backup(services, tmp_path / "x.backup", None)
    with pytest.raises(Failure) as refused:
        examine_backup(tmp_path / "x.backup")
    assert "newer" in refused.value.cause


def test_a_backup_of_the_first_revision_is_brought_up_to_date(
    admin: TestClient, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it had been made before there were hosts: only core's tables are in it."""
    from manager.backup import making

    core_only = [
        table
        for table in making.dump_tables.__globals__["metadata"].sorted_tables
        if table.name in {"administrators", "audit", "events", "tasks"}
    ]
    rows = making.dump_tables.__globals__["_dump"]
    monkeypatch.setattr(
        making, "dump_tables", lambda connection, at: [rows(connection, t, at) for t in core_only]
    )
    monkeypatch.setattr(making, "current_revisions", lambda _: frozenset({"0001_core"}))
    make_backup(services, tmp_path / "old.backup", None)
    target = Settings(state=tmp_path / "new")
    target.state.mkdir()
    restore_backup(target, tmp_path / "old.backup", None, lambda _: None)
    assert names(reopened(target)) == {"root"}


def test_a_restore_that_was_cut_off_keeps_the_manager_from_starting_until_it_is_finished(
    admin: TestClient, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_backup(services, tmp_path / "x.backup", None)
    target = Settings(state=tmp_path / "new")
    target.state.mkdir()

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("manager.backup.restoring._restore_files", power_cut)
        with pytest.raises(KeyboardInterrupt):
            restore_backup(target, tmp_path / "x.backup", None, lambda _: None)
    with pytest.raises(Failure) as refused:
        reopened(target)
    assert "restore" in refused.value.remedy
    restore_backup(target, tmp_path / "x.backup", None, lambda _: None)
    assert names(reopened(target)) == {"root"}


def test_a_running_manager_is_not_restored_over(services: Services) -> None:
    with locked_state(services.settings):
        with pytest.raises(Conflict) as refused:
            with locked_state(services.settings):
                pass
    assert "Stop it" in refused.value.remedy


def test_backups_by_api(admin: TestClient, services: Services, clock: SteppingClock) -> None:
    assert admin.get("/api/v1/backups").json() == {"items": [], "encrypts": False}
    task = admin.post("/api/v1/backups").json()["task"]
    done = admin.get(f"/api/v1/tasks/{task}").json()
    assert (done["state"], done["percent"]) == ("done", 100)
    (kept,) = admin.get("/api/v1/backups").json()["items"]
    assert kept["name"] == done["result"]["backup"] == name_at(clock())
    fetched = admin.get(f"/api/v1/backups/{kept['name']}")
    assert fetched.content.startswith(b"FLEXVDI-MANAGER-BACKUP")
    assert len(fetched.content) == kept["size"]
    assert admin.delete(f"/api/v1/backups/{kept['name']}").status_code == 204
    assert admin.get(f"/api/v1/backups/{kept['name']}").status_code == 404
    for wrong in ("..%2Fsecret.key", "secret.key"):
        assert admin.get(f"/api/v1/backups/{wrong}").status_code == 404
    theirs, _ = add_somebody(admin, "maria", "operator")
    assert theirs.get("/api/v1/backups").status_code == 403


def test_backups_are_encrypted_once_there_is_a_passphrase(
    admin: TestClient, services: Services
) -> None:
    path = "/api/v1/backups/passphrase"
    assert admin.put(path, json={"passphrase": "short"}).status_code == 422
    assert admin.put(path, json={"passphrase": PASSPHRASE.reveal()}).status_code == 204
    admin.post("/api/v1/backups")
    listed = admin.get("/api/v1/backups")
    assert listed.json()["items"][0]["encrypted"] is True
    assert PASSPHRASE.reveal() not in listed.text
    for file in services.settings.state.rglob("*"):
        if file.is_file():
            assert PASSPHRASE.reveal().encode() not in file.read_bytes(), file


def test_only_so_many_are_kept(admin: TestClient, clock: SteppingClock) -> None:
    assert admin.patch("/api/v1/settings/backup", json={"keep": 2}).status_code == 200
    for _ in range(4):
        clock.forward(seconds=90)
        last = admin.post("/api/v1/backups").json()["task"]
    kept = [each["name"] for each in admin.get("/api/v1/backups").json()["items"]]
    assert len(kept) == 2
    assert admin.get(f"/api/v1/tasks/{last}").json()["result"]["backup"] == kept[0]


def test_the_daily_backup_is_due_once_a_day_and_made_up_for(
    admin: TestClient, services: Services, clock: SteppingClock
) -> None:
    from manager.access.principal import SYSTEM
    from manager.backup.task_kinds import begin_backup

    assert is_due(services)
    begin_backup(services, SYSTEM)
    assert not is_due(services)
    clock.forward(hours=24)
    assert is_due(services)
    begin_backup(services, SYSTEM)
    clock.forward(days=5)  # it was off
    assert is_due(services)


def test_open_tasks_are_failed_by_a_restore(
    admin: TestClient, services: Services, tmp_path: Path
) -> None:
    task = admin.post("/api/v1/backups").json()["task"]
    with services.database.writing() as session:
        row = session.get(TaskRow, task)
        assert row is not None
        row.state, row.kind = "running", "host.drain"
    make_backup(services, tmp_path / "x.backup", None)
    target = Settings(state=tmp_path / "new")
    target.state.mkdir()
    restore_backup(target, tmp_path / "x.backup", None, lambda _: None)
    database = Database(target.database_url)
    with database.reading() as session:
        restored = session.get(TaskRow, task)
        assert restored is not None
        assert restored.state == "failed"
        assert restored.error is not None
        assert restored.error["remedy"]
    assert SETUP_PASSWORD not in str(restored.error)
    assert CertificateAuthority(target.state / "certificates", services.clock).fingerprint


def test_another_browser_is_not_signed_in_by_a_backup(
    admin: TestClient, services: Services
) -> None:
    assert another(admin).get("/api/v1/backups").status_code == 401
