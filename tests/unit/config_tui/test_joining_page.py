"""Joining and leaving by keys."""

from __future__ import annotations

import pytest

from foundation.joining import JoinString
from foundation.secret import Secret
from tests.unit.config_tui.screens import Driver

TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWX"
PASSWORD = "a long way to Tipperary"


@pytest.fixture
def screen() -> Driver:
    screen = Driver(machine="node")
    screen.host.simulation.facts["platform"] = {
        "tokens": [TOKEN],
        "people": {"ana": PASSWORD},
        "bridges": ["br-lab"],
    }
    return screen.look().as_root().go("manager-membership").settle()


def test_a_join_string_is_pasted_and_never_shown(screen: Driver) -> None:
    manager = screen.host.membership.find("10.0.0.5", 443).manager
    line = JoinString(manager, Secret(TOKEN)).line().reveal()
    screen.push("Join").type(line)
    assert TOKEN not in screen.text()
    screen.press("tab").push("Join").settle()
    assert "br-lab" in screen.words()
    screen.press("esc").settle()
    assert "https://10.0.0.5:443" in screen.words()
    screen.push("Leave").push("Leave").settle()
    assert "could not be told" in screen.words()
    assert screen.host.membership.status() is None


def test_what_is_no_join_string_is_said_below_it(screen: Driver) -> None:
    screen.push("Join").type("hello").press("tab")
    assert "This is no join string" in screen.words()


def test_a_password_is_asked_for_only_after_the_fingerprint(screen: Driver) -> None:
    screen.push("By password").type("10.0.0.5").press("enter").settle()
    assert "Is it the right Manager?" in screen.words()
    screen.push("It is the same").type("ana").press("tab").type(PASSWORD)
    assert PASSWORD not in screen.text()
    screen.push("Join").settle()
    status = screen.host.membership.status()
    assert status is not None and status.manager.address == "10.0.0.5"


def test_a_refusal_is_shown_with_its_remedy(screen: Driver) -> None:
    screen.push("By password").type("10.0.0.5").press("enter").settle()
    screen.push("It is the same").type("ana").press("tab").type("wrong").push("Join").settle()
    assert "Name or password is wrong." in screen.words()
    assert screen.host.membership.status() is None


def test_the_manager_is_found_at_another_address(screen: Driver) -> None:
    manager = screen.host.membership.find("10.0.0.5", 443).manager
    screen.push("Join").type(JoinString(manager, Secret(TOKEN)).line().reveal())
    screen.press("tab").push("Join").settle().press("esc").settle()
    screen.push("Other address").type("manager.lab:8443").push("Go on").settle()
    assert "dialled at manager.lab" in screen.words()
    assert "flexvdi-config manager set-address manager.lab" in screen.words()
    screen.press("esc").settle()
    assert "https://manager.lab:8443" in screen.words()
    assert "Tried besides 10.0.0.5" in screen.words()


def test_another_manager_at_the_address_is_refused(screen: Driver) -> None:
    manager = screen.host.membership.find("10.0.0.5", 443).manager
    screen.push("Join").type(JoinString(manager, Secret(TOKEN)).line().reveal())
    screen.press("tab").push("Join").settle().press("esc").settle()
    screen.host.simulation.facts["platform"]["reinstalled"] = True
    screen.push("Other address").type("10.0.0.9").push("Go on").settle()
    assert "Another Manager answers at 10.0.0.9" in screen.words()
    membership = screen.host.document().membership
    assert membership is not None and membership.address == "10.0.0.5"
