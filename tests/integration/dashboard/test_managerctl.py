"""managerctl as a process against a real Manager."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.joining import read_join_string
from manager.client.exits import EXIT_NO_ACCESS, EXIT_NOT_THERE
from tests.lab.platform import LabManager

PASSWORD = "correct horse battery staple"


class Shell:
    """Somebody at a shell, with a profile of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "FLEXVDI_MANAGERCTL": str(folder / "profile")}

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "manager.client.command_line", *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def json(self, *words: str) -> dict:  # type: ignore[type-arg]
        ended = self.run(*words, "--json")
        assert ended.returncode == 0, ended.stderr
        found: dict = json.loads(ended.stdout)  # type: ignore[type-arg]
        return found


@pytest.fixture(scope="module")
def shell(manager: LabManager, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(Path(tmp_path_factory.mktemp("shell")))
    address = f"127.0.0.1:{manager.https}"
    connected = shell.run("connect", address, "--fingerprint", manager.address.fingerprint)
    assert connected.returncode == 0, connected.stderr
    secret = shell.file("secret", (manager.settings.state / "setup-secret").read_text())
    password = shell.file("password", PASSWORD + "\n")
    made = shell.run(
        "set-up", "--name", "ana", "--secret-file", secret, "--password-file", password
    )
    assert made.returncode == 0, made.stderr
    signed_in = shell.run("sign-in", "ana", "--password-file", password)
    assert signed_in.returncode == 0, signed_in.stderr
    return shell


def test_who_is_signed_in(shell: Shell) -> None:
    assert shell.json("whoami")["name"] == "ana"


def test_a_wrong_password_has_its_exit_status(shell: Shell) -> None:
    wrong = shell.file("wrong", "no such password")
    ended = shell.run("sign-in", "ana", "--password-file", wrong)
    assert ended.returncode == EXIT_NO_ACCESS
    assert "Name or password are not right." in ended.stderr
    assert shell.json("whoami")["name"] == "ana", "the session that was there goes on"


def test_a_join_string_is_made(shell: Shell, manager: LabManager) -> None:
    made = shell.json("join-token", "create", "--note", "rack 3")
    join = read_join_string(made["join_string"])
    assert join.manager.fingerprint == manager.address.fingerprint
    assert [each["note"] for each in shell.json("join-token", "list")["items"]] == ["rack 3"]


def test_settings_are_changed_by_name(shell: Shell) -> None:
    shell.json("setting", "change", "hosts", "--set", 'bridges=["office"]', "--set", "silence=90")
    values = shell.json("setting", "show", "hosts")["values"]
    assert values["bridges"] == ["office"] and values["silence"] == 90
    refused = shell.run("setting", "change", "hosts", "--set", "silence=1")
    assert refused.returncode == 1
    assert "silence" in refused.stderr


def test_a_task_is_followed_and_its_file_fetched(shell: Shell) -> None:
    ended = shell.run("backup", "create")
    assert ended.returncode == 0, ended.stderr
    assert "%]" in ended.stderr
    name = shell.json("backup", "list")["items"][0]["name"]
    target = shell.folder / "fetched"
    assert shell.run("backup", "fetch", name, "--output", str(target)).returncode == 0
    assert target.stat().st_size > 1000
    assert target.stat().st_mode & 0o077 == 0


def test_a_program_acts_with_a_token_and_no_more_than_its_role(shell: Shell) -> None:
    made = shell.json("token", "create", "--name", "script", "--role", "read-only")
    token = shell.file("token", made["secret"])
    assert shell.run("--token-file", token, "host", "list").returncode == 0
    refused = shell.run("--token-file", token, "backup", "create")
    assert refused.returncode == EXIT_NO_ACCESS
    assert "The role read-only may not do this." in refused.stderr
    shell.run("token", "revoke", made["token"]["id"])
    assert shell.run("--token-file", token, "host", "list").returncode == EXIT_NO_ACCESS


def test_what_is_not_there_has_its_exit_status(shell: Shell) -> None:
    assert shell.run("host", "show", "nowhere").returncode == EXIT_NOT_THERE


def test_what_cannot_be_undone_asks(shell: Shell) -> None:
    ended = shell.run("backup", "remove", "x.backup")
    assert ended.returncode == 1
    assert "--yes" in ended.stderr


def test_signing_out_ends_the_session(shell: Shell) -> None:
    assert shell.run("sign-out").returncode == 0
    assert shell.run("whoami").returncode == EXIT_NO_ACCESS
