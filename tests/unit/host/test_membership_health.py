"""The host's word on its Manager: none, connected, or why not."""

from __future__ import annotations

import json

import pytest

from foundation.joining import JoinString
from foundation.secret import Secret
from host.api.membership import JoinSecret
from host.audit import Actor
from host.backends.simulated.backend import SimulatedHost
from host.document.system_files import FileContent
from host.membership_files import MEMBER_FILE, REPORT_FILE
from host.membership_health import membership_health
from host.status import NOT_A_MEMBER
from tests.unit.config_tui.screens import EXAMPLES

TOKEN = Secret("ABCDEFGHIJKLMNOPQRSTUVWX")


@pytest.fixture
def host() -> SimulatedHost:
    host = SimulatedHost(EXAMPLES / "node.json")
    host.simulation.facts["platform"] = {"tokens": [TOKEN.reveal()]}
    return host


def join(host: SimulatedHost) -> None:
    manager = host.membership.find("10.0.0.5", 443).manager
    line = JoinString(manager, TOKEN)
    host.membership.join(line.manager, JoinSecret(token=line.token), Actor("root", ""))


def test_a_host_without_a_manager_has_no_check(host: SimulatedHost) -> None:
    assert membership_health(host.membership) == (NOT_A_MEMBER, None)


def test_the_agents_own_report_says_why_it_is_not_connected(host: SimulatedHost) -> None:
    join(host)
    address, check = membership_health(host.membership)
    assert address == "10.0.0.5"
    assert check is not None and check.state == "warning"
    assert check.reason == "The Agent does not run."
    for state, cause, expected in (
        ("connected", "", "ok"),
        ("connecting", "The Manager does not answer.", "warning"),
    ):
        report = {"state": state, "since": 1.0, "cause": cause, "remedy": ""}
        host.machine.files.put(REPORT_FILE, FileContent(json.dumps(report)))
        _address, check = membership_health(host.membership)
        assert check is not None and check.state == expected
        assert cause in check.reason


def test_damaged_files_are_a_failed_check_with_a_remedy(host: SimulatedHost) -> None:
    join(host)
    host.machine.files.put(MEMBER_FILE, FileContent("{"))
    _address, check = membership_health(host.membership)
    assert check is not None and check.state == "failed"
    assert "manager leave" in check.remedy
    assert not host.membership.leave(Actor("root", ""))
    assert membership_health(host.membership) == (NOT_A_MEMBER, None)
