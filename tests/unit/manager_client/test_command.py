"""managerctl against a real HTTPS server: trust, exit statuses, tasks, secrets."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from manager.client.command_line import main
from manager.client.exits import (
    EXIT_NO_ACCESS,
    EXIT_NOT_THERE,
    EXIT_NOT_TRUSTED,
    EXIT_TASK_FAILED,
    EXIT_UNREACHABLE,
)
from manager.client.trust import pem_fingerprint
from tests.unit.manager_client.https_server import Asked, Server, serving

HEALTH = {"status": "ok", "version": "9.9", "setup_done": True, "reasons": []}
TASK: dict[str, Any] = {
    "id": "t1", "kind": "x", "title": "Doing it", "state": "running", "percent": 40,
    "message": "half", "error": None, "result": None, "created_by": "ana",
    "created": "2026-01-02T03:04:05+00:00",
}  # fmt: skip


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["flexvdi-managerctl", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    return code if isinstance(code, int) else 0


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLEXVDI_MANAGERCTL", str(tmp_path / "profile"))
    monkeypatch.delenv("FLEXVDI_TOKEN_FILE", raising=False)
    return tmp_path / "profile"


@pytest.fixture
def connect(profile: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Server], int]:
    return lambda server: run(
        monkeypatch, "connect", server.url, "--fingerprint", pem_fingerprint(server.ca)
    )


def answers(**by_path: Any) -> Callable[[Asked], tuple[int, Any]]:
    def answer(asked: Asked) -> tuple[int, Any]:
        path = asked.path.partition("?")[0].strip("/").replace("/", "_").replace("-", "_")
        if path == "health":
            return 200, HEALTH
        found = by_path.get(path.removeprefix("api_v1_"), (404, {"cause": "None such."}))
        return found if isinstance(found, tuple) else (200, found)

    return answer


def test_connecting_pins_the_ca(
    tmp_path: Path, profile: Path, connect: Callable[[Server], int]
) -> None:
    with serving(tmp_path, answers()) as server:
        assert connect(server) == 0
    assert (profile / "ca.pem").read_text() == server.ca
    assert stat.S_IMODE((profile / "manager.json").stat().st_mode) == 0o600


def test_another_fingerprint_is_not_trusted(
    tmp_path: Path, profile: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    with serving(tmp_path, answers()) as server:
        assert run(monkeypatch, "connect", server.url, "--fingerprint", "0" * 64) == (
            EXIT_NOT_TRUSTED
        )
    assert not profile.exists()
    assert "another fingerprint" in capsys.readouterr().err


def test_another_manager_at_the_same_address_is_not_trusted(
    tmp_path: Path,
    connect: Callable[[Server], int],
    monkeypatch: pytest.MonkeyPatch,
    profile: Path,
    capsys: pytest.CaptureFixture,
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with serving(tmp_path / "a", answers()) as server:
        assert connect(server) == 0
    with serving(tmp_path / "b", answers(tasks={"items": []})) as other:
        known = json.loads((profile / "manager.json").read_text())
        (profile / "manager.json").write_text(json.dumps(known | {"url": other.url}))
        assert run(monkeypatch, "task", "list") == EXIT_NOT_TRUSTED
        assert not other.asked, "nothing may be sent to who is not trusted"
    assert "another CA" in capsys.readouterr().err


def test_a_certificate_for_another_name_is_told_as_such(
    tmp_path: Path, connect: Callable[[Server], int], capsys: pytest.CaptureFixture
) -> None:
    with serving(tmp_path, answers(), name="elsewhere.example.org") as server:
        assert connect(server) == EXIT_NOT_TRUSTED
    assert "not made out for the address" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "code"), [(401, EXIT_NO_ACCESS), (403, EXIT_NO_ACCESS), (404, EXIT_NOT_THERE)]
)
def test_refusals_have_their_exit_status(
    tmp_path: Path,
    connect: Callable[[Server], int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
    status: int,
    code: int,
) -> None:
    told = {"cause": "It is so.", "remedy": "Do that.", "where": "", "details": ""}
    with serving(tmp_path, answers(tasks=(status, told))) as server:
        connect(server)
        assert run(monkeypatch, "task", "list") == code
    assert "It is so. Do that." in capsys.readouterr().err


def test_a_manager_that_is_away(
    tmp_path: Path, connect: Callable[[Server], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path, answers()) as server:
        connect(server)
    assert run(monkeypatch, "health") == EXIT_UNREACHABLE


def test_json_is_what_the_api_says(
    tmp_path: Path,
    connect: Callable[[Server], int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    page = {"items": [TASK], "next": None}
    with serving(tmp_path, answers(tasks=page)) as server:
        connect(server)
        capsys.readouterr()
        assert run(monkeypatch, "task", "list", "--state", "running", "--json") == 0
    assert json.loads(capsys.readouterr().out) == page
    assert server.asked[-1].path == "/api/v1/tasks?state=running"


def test_all_pages_are_fetched(
    tmp_path: Path,
    connect: Callable[[Server], int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path == "/health":
            return 200, HEALTH
        last = "after=t1" in asked.path
        return 200, {
            "items": [TASK | {"id": "t0" if last else "t1"}],
            "next": None if last else "t1",
        }

    with serving(tmp_path, answer) as server:
        connect(server)
        assert run(monkeypatch, "task", "list", "--all") == 0
    told = capsys.readouterr().out
    assert "t1" in told and "t0" in told


def test_a_task_that_fails_is_told_with_its_remedy(
    tmp_path: Path,
    connect: Callable[[Server], int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    states = iter(
        [
            TASK,
            TASK | {"state": "failed", "error": {"cause": "It broke.", "remedy": "Mend it."}},
        ]
    )

    def answer(asked: Asked) -> tuple[int, Any]:
        return 200, HEALTH if asked.path == "/health" else next(states)

    with serving(tmp_path, answer) as server:
        connect(server)
        assert run(monkeypatch, "task", "follow", "t1") == EXIT_TASK_FAILED
    told = capsys.readouterr().err
    assert "[ 40 %] Doing it: half" in told
    assert "It broke. Mend it." in told


def test_a_token_comes_from_a_file(
    tmp_path: Path, connect: Callable[[Server], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("flexvdi_abc\n")
    with serving(tmp_path, answers(tasks={"items": []})) as server:
        connect(server)
        assert run(monkeypatch, "--token-file", str(tmp_path / "token"), "task", "list") == 0
    assert server.asked[-1].headers["Authorization"] == "Bearer flexvdi_abc"


def test_without_a_manager_it_says_how_to_name_one(
    profile: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    assert run(monkeypatch, "health") == 1
    assert "flexvdi-managerctl connect" in capsys.readouterr().err


def test_a_name_cannot_steer_the_terminal(
    tmp_path: Path,
    connect: Callable[[Server], int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    page = {"items": [TASK | {"title": "evil\x1b[2J"}], "next": None}
    with serving(tmp_path, answers(tasks=page)) as server:
        connect(server)
        assert run(monkeypatch, "task", "list") == 0
    assert "\x1b" not in capsys.readouterr().out


def test_a_test_that_fails_says_why_on_lines_of_its_own(
    tmp_path: Path,
    connect: Callable[[Server], int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    check = {"name": "port", "title": "The port answers", "value": "", "where": "dc1:636"}
    failed = {**check, "state": "failed", "cause": "Nothing listens.", "remedy": "Start it."}
    good = {**check, "state": "ok", "cause": "", "remedy": "", "value": "1 ms"}
    paths = {
        "directories_bad_test": {"state": "failed", "checks": [good, failed]},
        "directories_good_test": {"state": "ok", "checks": [good]},
    }
    with serving(tmp_path, answers(**paths)) as server:
        connect(server)
        capsys.readouterr()
        assert run(monkeypatch, "directory", "test", "good") == 0
        assert "The port answers (" not in capsys.readouterr().out
        assert run(monkeypatch, "directory", "test", "bad") == 1
        shown = capsys.readouterr().out
        assert "The port answers (dc1:636): failed.\n  Nothing listens.\n  Start it.\n" in shown
        assert run(monkeypatch, "directory", "test", "bad", "--json") == 1
        assert json.loads(capsys.readouterr().out)["state"] == "failed"
