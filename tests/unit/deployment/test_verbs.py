"""`flexvdi-config manager …` on a simulated host: every verb, in words and in JSON."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from config_tui.command_line import make_parser
from foundation.command_line import EXIT_FAILED, EXIT_OK
from foundation.failure import Failure
from host.backends.simulated.backend import SimulatedHost
from tests.unit.deployment.lab import (
    AGENT,
    FOLDER,
    NEWER,
    PLACE,
    WHO,
    host_of,
    request,
    with_newer_image,
)

PASSWORD = "a long way to Tipperary"
ADDRESS = ("--address", "10.0.4.50/24", "--folder", FOLDER)
Output = pytest.CaptureFixture[str]


@pytest.fixture
def host(tmp_path: Path) -> SimulatedHost:
    return host_of(tmp_path, **with_newer_image(agent=AGENT))


@pytest.fixture
def deployed(host: SimulatedHost) -> SimulatedHost:
    host.manager.deploy(host.manager.plan(request()), WHO)
    return host


def call(host: SimulatedHost, *words: str) -> int:
    options = make_parser().parse_args(("manager", *words))
    code: int = options.run(host, options)
    return code


def answer(host: SimulatedHost, output: Output, *words: str) -> Any:
    output.readouterr()
    call(host, *words, "--json")
    return json.loads(output.readouterr().out)


def test_preflight_lists_every_check_and_fails_where_one_does(
    host: SimulatedHost, capsys: Output
) -> None:
    assert call(host, "preflight", *ADDRESS) == EXIT_OK
    assert "  bridge         br-mgmt is up." in capsys.readouterr().out
    host.simulation.facts["claimed"] = {"10.0.4.50": "52:54:00:00:00:09"}
    assert call(host, "preflight", *ADDRESS) == EXIT_FAILED
    assert "X address" in capsys.readouterr().out
    checks = answer(host, capsys, "preflight", *ADDRESS)
    assert {"name", "state", "measured", "remedy"} == set(checks[0])


def test_a_plan_shows_everything_but_secrets(
    host: SimulatedHost, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in (("plan",), ("deploy", "--plan")):
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
        assert call(host, *words, *ADDRESS, "--password-file", "-") == EXIT_OK
        said = capsys.readouterr().out
        assert " 1. Check the image" in said and "<name>flexvdi-manager</name>" in said
        assert "network-config" in said and "••••••" in said
        assert "argon2id" not in said and PASSWORD not in said
    assert not host.jobs()


def test_deploying_follows_the_steps_and_tells_the_end(
    host: SimulatedHost, capsys: Output, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    words = ("deploy", *ADDRESS, "--password-file", str(password))
    with pytest.raises(Failure, match="needs a yes"):
        call(host, *words)
    assert call(host, *words, "--yes") == EXIT_OK
    said = capsys.readouterr().out
    assert "[10/10]" in said and "https://10.0.4.50" in said and "5E:5E" in said
    status = answer(host, capsys, "status")
    assert status["state"] == "running"


def test_a_set_up_that_is_left_to_a_person_gets_its_secret(
    host: SimulatedHost, capsys: Output
) -> None:
    host.simulation.facts["appliance"] = {"health": {"setup_done": False}}
    result = answer(host, capsys, "deploy", *ADDRESS, "--yes")
    assert len(result["setup_secret"]) == 32


def test_a_failed_deployment_is_in_the_status_and_goes_on(
    host: SimulatedHost, capsys: Output
) -> None:
    host.faults["domains.start"] = "No memory is left."
    with pytest.raises(Failure, match="No memory"):
        call(host, "deploy", *ADDRESS, "--yes")
    call(host, "status")
    assert "is failed" in capsys.readouterr().out
    host.faults.clear()
    assert call(host, "retry") == EXIT_OK
    assert "https://10.0.4.50" in capsys.readouterr().out


def test_a_short_password_is_refused_before_anything(host: SimulatedHost, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("short\n")
    with pytest.raises(Failure, match="shorter than 8"):
        call(host, "deploy", *ADDRESS, "--password-file", str(tmp_path / "password"))


def test_the_life_of_a_guest_as_commands(deployed: SimulatedHost, capsys: Output) -> None:
    for words in (
        ("autostart", "off"),
        ("backup",),
        ("backup-hour", "3"),
        ("backup-hour",),
        ("backup", "--if-due"),
        ("change-address", "10.0.4.60/24", "--yes"),
        ("upgrade", "--image", NEWER, "--yes"),
        ("stop", "--yes"),
        ("export", "/var/tmp/m.tar"),
        ("release", "--yes"),
        ("adopt", PLACE),
        ("start",),
        ("force-off", "--yes"),
        ("remove", "--erase", "flexvdi-manager"),
        ("import", "/var/tmp/m.tar", "--folder", FOLDER),
        ("start", "--believed-dead", "x"),
        ("found",),
        ("backups",),
    ):
        assert call(deployed, *words) == EXIT_OK, words
        assert capsys.readouterr().out.strip(), words
    assert answer(deployed, capsys, "status")["manager"]["address"] == "10.0.4.60/24"


def test_what_loses_something_is_asked_for(deployed: SimulatedHost) -> None:
    deployed.manager.backup(WHO)
    (name,) = deployed.manager.backups()
    for words in (
        ("stop",),
        ("force-off",),
        ("release",),
        ("upgrade",),
        ("change-address", "10.0.4.60/24"),
        ("move", "node2"),
        ("restore", name),
    ):
        with pytest.raises(Failure, match="needs a yes"):
            call(deployed, *words)
    assert call(deployed, "restore", name, "--yes") == EXIT_OK


def test_a_console_needs_a_terminal_and_its_log_does_not(
    deployed: SimulatedHost, capsys: Output
) -> None:
    with pytest.raises(Failure, match="needs a terminal"):
        call(deployed, "console")
    assert call(deployed, "console", "--log") == EXIT_OK
    assert "Booting from hard disk" in capsys.readouterr().out


def test_a_hash_for_a_kickstart_is_made(
    host: SimulatedHost, capsys: Output, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    assert call(host, "hash-password", "--password-file", str(tmp_path / "password")) == EXIT_OK
    assert capsys.readouterr().out.startswith("$argon2id$")


def test_nothing_to_deploy_unattended_is_no_failure(host: SimulatedHost, capsys: Output) -> None:
    assert call(host, "deploy-unattended") == EXIT_OK
    assert "Nothing is left" in capsys.readouterr().out
