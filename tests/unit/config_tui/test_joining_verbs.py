"""Joining and leaving by command, on a simulated host with a simulated Manager."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from foundation.command_line import EXIT_FAILED, EXIT_OK
from foundation.failure import Failure, WrongArgument
from foundation.joining import JoinString, ManagerAddress
from foundation.secret import Secret
from host.backends.simulated.backend import SimulatedHost
from host.membership_files import CREDENTIALS_FILE, JOINING_KEY_FILE, MEMBER_FILE
from tests.unit.config_tui.screens import EXAMPLES
from tests.unit.config_tui.test_host_verbs import call

TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWX"
PASSWORD = "a long way to Tipperary"


@pytest.fixture
def host(tmp_path: Path) -> SimulatedHost:
    facts = json.loads((EXAMPLES / "node.json").read_text())
    facts["platform"] = {
        "tokens": [TOKEN],
        "people": {"ana": PASSWORD},
        "bridges": ["br-mgmt", "br-lab"],
    }
    path = tmp_path / "node.json"
    path.write_text(json.dumps(facts))
    return SimulatedHost(path)


@pytest.fixture
def string_file(host: SimulatedHost, tmp_path: Path) -> str:
    found = host.membership.find("10.0.0.5", 443)
    path = tmp_path / "join"
    path.write_text(JoinString(found.manager, Secret(TOKEN)).line().reveal() + "\n")
    return str(path)


def test_a_host_joins_and_leaves(
    host: SimulatedHost, string_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(host, "manager", "join", "--string-file", string_file) == EXIT_OK
    said = capsys.readouterr().out
    assert "part of the platform of 10.0.0.5" in said
    assert "br-lab" in said and "br-mgmt" not in said
    assert TOKEN not in said
    membership = host.document().membership
    assert membership is not None and membership.address == "10.0.0.5"
    assert call(host, "manager", "membership") == EXIT_FAILED  # no Agent runs here
    assert "The Agent does not run." in capsys.readouterr().out
    assert call(host, "manager", "leave", "--yes") == EXIT_OK
    assert "could not be told" in capsys.readouterr().out
    assert host.document().membership is None
    assert host.membership.status() is None
    assert host.machine.files.read(CREDENTIALS_FILE) is None


def test_who_belongs_to_a_platform_must_leave_it_first(
    host: SimulatedHost, string_file: str
) -> None:
    call(host, "manager", "join", "--string-file", string_file)
    with pytest.raises(Failure, match="belongs to a platform already") as failed:
        call(host, "manager", "join", "--string-file", string_file)
    assert "manager leave" in failed.value.remedy


def by_person(host: SimulatedHost, tmp_path: Path, password: str, *words: str) -> Any:
    path = tmp_path / "password"
    path.write_text(password + "\n")
    return call(
        host,
        *("manager", "join", "--address", "10.0.0.5", "--user", "ana"),
        *("--password-file", str(path), *words),
    )


def test_an_administrator_joins_a_host_once_the_fingerprint_is_known(
    host: SimulatedHost, tmp_path: Path
) -> None:
    with pytest.raises(Failure, match="Nobody can be asked") as failed:
        by_person(host, tmp_path, PASSWORD)
    assert "--fingerprint" in failed.value.remedy
    fingerprint = host.membership.find("10.0.0.5", 443).manager.fingerprint
    with pytest.raises(Failure, match="Name or password"):
        by_person(host, tmp_path, "wrong", "--fingerprint", fingerprint)
    assert by_person(host, tmp_path, PASSWORD, "--fingerprint", fingerprint) == EXIT_OK


def leaves_nothing(host: SimulatedHost) -> None:
    for path in (MEMBER_FILE, CREDENTIALS_FILE, JOINING_KEY_FILE):
        assert host.machine.files.read(path) is None, path
    assert host.document().membership is None


def test_another_fingerprint_is_refused_with_both(host: SimulatedHost, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="Another Manager answers") as failed:
        by_person(host, tmp_path, PASSWORD, "--fingerprint", "ab" * 32)
    assert "AB:AB" in failed.value.details
    leaves_nothing(host)


@pytest.mark.parametrize(("ahead", "words"), [(7200, "2 hours ahead"), (-300, "5 minutes behind")])
def test_clocks_that_differ_are_told(
    host: SimulatedHost, string_file: str, ahead: float, words: str
) -> None:
    host.simulation.facts["platform"]["clock_ahead"] = ahead
    with pytest.raises(Failure, match=words):
        call(host, "manager", "join", "--string-file", string_file)
    leaves_nothing(host)


def test_a_manager_that_does_not_answer_is_told(host: SimulatedHost, string_file: str) -> None:
    del host.simulation.facts["platform"]
    with pytest.raises(Failure, match="cannot be reached"):
        call(host, "manager", "join", "--string-file", string_file)
    leaves_nothing(host)


@pytest.mark.parametrize("fault", ["services.enable", "files.put"])
def test_a_join_that_fails_on_the_host_leaves_only_the_key_to_try_again_with(
    host: SimulatedHost, string_file: str, fault: str
) -> None:
    host.machine.files.read(MEMBER_FILE)
    host.faults[fault] = "This does not work."
    with pytest.raises(Failure, match="does not work"):
        call(host, "manager", "join", "--string-file", string_file)
    host.faults.clear()
    kept = host.machine.files.read(JOINING_KEY_FILE)
    host.machine.files.put(JOINING_KEY_FILE, None)
    leaves_nothing(host)
    if kept is not None:  # the Manager had said yes: its token works again with this key
        assert kept.mode == 0o600


def test_options_that_contradict_each_other_are_refused(host: SimulatedHost) -> None:
    for words in (("--string-file", "x", "--address", "y"), ("--user", "ana"), ("--address", "y")):
        with pytest.raises(WrongArgument):
            call(host, "manager", "join", *words)


def test_a_join_string_comes_from_standard_input(
    host: SimulatedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("flexvdi-join:v1:10.0.0.5\n"))
    with pytest.raises(Failure, match="not complete"):
        call(host, "manager", "join", "--string-file", "-")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(Failure, match="Nobody can be asked"):
        call(host, "manager", "join")


def test_a_manager_of_that_address_is_found_with_its_port(host: SimulatedHost) -> None:
    found = host.membership.find("10.0.0.5", 8443)
    assert found.manager == ManagerAddress("10.0.0.5", 8443, found.manager.fingerprint)


def test_the_managers_address_is_set_by_command(
    host: SimulatedHost, string_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call(host, "manager", "join", "--string-file", string_file)
    assert call(host, "manager", "set-address", "manager.lab") == EXIT_OK
    said = capsys.readouterr().out
    assert "dialled at manager.lab" in said and "Should it not answer there: 10.0.0.5." in said
    call(host, "manager", "membership")
    said = capsys.readouterr().out
    assert "Manager: https://manager.lab:443" in said and "Tried besides: 10.0.0.5" in said
    assert call(host, "manager", "set-address", "10.0.0.5", "--json") == EXIT_OK
    answer = json.loads(capsys.readouterr().out)
    assert answer["manager"]["address"] == "10.0.0.5" and answer["others"] == ["manager.lab"]
    with pytest.raises(Failure, match="not an address"):
        call(host, "manager", "set-address", "two words")
