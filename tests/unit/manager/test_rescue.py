"""The verbs for who sits at the Manager's console."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from foundation.command_line import run_command
from manager.access.sessions import COOKIE
from manager.command_line import _main
from manager.services import Services

from .conftest import SETUP_PASSWORD, another, sign_in


def run(services: Services, *words: str) -> int:
    verb, *rest = words
    return run_command(_main, [verb, "--state", str(services.settings.state), *rest])


def password_file(tmp_path: Path, password: str) -> str:
    path = tmp_path / "password"
    path.write_text(password + "\n")
    return str(path)


def test_somebody_locked_out_gets_in_again(
    admin: TestClient, services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = another(admin)
    wrong = {"name": "root", "password": "wrong"}
    while stranger.post("/api/v1/session", json=wrong).status_code != 429:
        pass
    new = "a new pass phrase"
    file = password_file(tmp_path, new)
    assert run(services, "reset-administrator", "root", "--password-file", file) == 0
    assert new not in capsys.readouterr().out
    assert admin.get("/api/v1/session").status_code == 401
    sign_in(admin, "root", new)


def test_an_administrator_can_be_made_on_the_console(
    admin: TestClient, services: Services, tmp_path: Path
) -> None:
    file = password_file(tmp_path, SETUP_PASSWORD)
    assert run(services, "reset-administrator", "second", "--password-file", file) == 0
    sign_in(admin, "second", SETUP_PASSWORD)
    assert admin.get("/api/v1/session").json()["role"] == "admin"


def test_a_weak_password_is_refused_there_too(
    admin: TestClient, services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = password_file(tmp_path, "short")
    assert run(services, "reset-administrator", "root", "--password-file", file) == 1
    assert "12 characters" in capsys.readouterr().err
    assert admin.cookies[COOKIE]
    assert admin.get("/api/v1/session").status_code == 200


def test_check_finds_a_good_state_good(
    admin: TestClient, services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    services.authority.ensure_server_certificate(["localhost"])
    assert run(services, "check", "--json") == 0
    checks = json.loads(capsys.readouterr().out)
    assert [check["name"] for check in checks] == [
        *("state folder", "file permissions", "certificates"),
        *("database", "tables", "administrators", "secret key"),
    ]


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        ("permissions", "chmod 600"),
        ("key", "missing"),
        ("database", "damaged"),
        ("folder", "--state"),
    ],
)
def test_check_says_what_is_wrong(
    admin: TestClient,
    services: Services,
    capsys: pytest.CaptureFixture[str],
    harm: str,
    says: str,
) -> None:
    state = services.settings.state
    services.database.close()
    if harm == "permissions":
        (state / "secret.key").chmod(0o644)
    elif harm == "key":
        (state / "secret.key").unlink()
    elif harm == "database":
        content = bytearray((state / "manager.sqlite").read_bytes())
        content[8192:40960] = b"\xaa" * 32768
        (state / "manager.sqlite").write_bytes(content)
        for part in ("manager.sqlite-wal", "manager.sqlite-shm"):
            (state / part).unlink(missing_ok=True)
    else:
        state.rename(state.with_name("elsewhere"))
    assert run(services, "check") == 1
    assert says in capsys.readouterr().out


def test_wrong_words_end_with_one_line(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(services, "reset-administrator")
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
