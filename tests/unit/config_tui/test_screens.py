from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config_tui.kit.text import cell_width
from foundation.failure import Failure
from host.status import HostStatus
from tests.unit.config_tui.screens import Driver, use_look

GOLDENS = Path(__file__).parent / "goldens"
UPDATE = "FLEXVDI_UPDATE_GOLDENS"
SIZES = ((80, 24), (132, 43), (60, 20))


@pytest.fixture(autouse=True)
def _look() -> Iterator[None]:
    use_look("unicode")
    yield
    use_look("unicode")


STATES: dict[str, Callable[[Driver], object]] = {
    "first": lambda screen: None,
    "status": lambda screen: screen.look(),
    "menu-power": lambda screen: screen.look().press("down", "down", "down"),
    "log-in": lambda screen: screen.look().press("f2"),
    "log-in-refused": lambda screen: (
        screen.look().press("f2").type("wrong").press("enter"),
        screen.application.tasks.settle(),
    ),
    "power": lambda screen: (
        screen.look().log_in().press("f12", "enter"),
        screen.application.tasks.settle(),
    ),
    "help": lambda screen: screen.look().press("f1"),
    "about": lambda screen: (
        screen.look().press("down", "down", "down", "down", "enter"),
        screen.application.tasks.settle(),
    ),
}


@pytest.mark.parametrize("look", ["unicode", "plain"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("state", STATES)
def test_screens_look_as_they_did(state: str, size: tuple[int, int], look: str) -> None:
    """Set FLEXVDI_UPDATE_GOLDENS=1 to write the pictures anew, and look at them."""
    use_look(look)
    screen = Driver(size)
    STATES[state](screen)
    for line in screen.lines():
        assert cell_width(line) == size[0]
    golden = GOLDENS / f"{state}-{size[0]}x{size[1]}-{look}.txt"
    if os.environ.get(UPDATE):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(screen.text())
    assert screen.text() == golden.read_text()
    if look == "plain":
        assert screen.text().isascii()


def test_the_status_is_there_before_log_in_and_shows_no_secret() -> None:
    text = Driver().look().text()
    for words in ("flexVDI Config", "node3.lab", "10.0.4.13", "Log in", "2% free on /var"):
        assert words in text
    assert "password" not in text.lower()


def test_the_first_picture_needs_no_answer_from_the_host() -> None:
    screen = Driver()
    assert "node3.lab" in screen.text() and "Looking at the host" in screen.text()


def test_what_is_wrong_has_a_mark_without_colour() -> None:
    use_look("plain")
    text = Driver().look().text()
    assert "!! Disk space" in text and " ! Time" in text


def test_a_status_that_cannot_be_had_says_why() -> None:
    screen = Driver()
    screen.host.faults["status"] = "The system bus does not answer."
    assert "! The system bus does not answer." in screen.look().text()
    screen.host.faults.clear()
    assert "10.0.4.13" in screen.look().text()


@pytest.mark.parametrize("keys", [("f12",), ("ctrl p",), ("down", "down", "enter")])
def test_pages_that_change_something_ask_to_log_in(keys: tuple[str, ...]) -> None:
    text = Driver().look().press(*keys).text()
    assert "Password" in text


def test_logging_in_leads_on_to_the_page_that_was_asked_for() -> None:
    screen = Driver().look().press("f12").type("flexvdi").press("enter")
    screen.application.tasks.settle()
    assert screen.application.user == "root"
    assert "[ Power off ]" in screen.text() and "F2 Log out" in screen.text()


def test_a_wrong_password_is_told_and_forgotten() -> None:
    screen = Driver().look().press("f2").type("secret").press("enter")
    screen.application.tasks.settle()
    assert screen.application.user is None
    assert "! That name and password are not right." in screen.text()
    assert "******" not in screen.text() and "secret" not in screen.text()


def test_leaving_the_log_in_while_it_is_checked_logs_nobody_in() -> None:
    screen = Driver().look().press("f2").type("flexvdi").press("enter", "esc")
    screen.application.tasks.settle()
    assert screen.application.user is None


def test_a_reboot_names_the_guests_and_needs_a_yes() -> None:
    screen = Driver().look().log_in().press("f12", "enter")
    screen.application.tasks.settle()
    assert "Guests running on this host: 12" in screen.text()
    screen.press("enter")
    assert screen.host.calls == []
    screen.press("enter")
    screen.application.tasks.settle()
    screen.press("right", "enter")
    screen.application.tasks.settle()
    assert screen.host.calls == ["reboot"]
    assert "flexvdi-config power reboot" in screen.text()


def test_a_host_too_ill_to_say_what_runs_can_still_be_powered_off() -> None:
    screen = Driver().look().log_in()
    screen.host.faults["power_situation"] = "libvirt does not answer."
    screen.press("f12", "down", "enter")
    screen.application.tasks.settle()
    assert "libvirt does not answer" in screen.words()
    screen.press("right", "enter")
    screen.application.tasks.settle()
    assert screen.host.calls == ["poweroff"]


def test_a_console_locks_itself_and_an_ssh_session_does_not() -> None:
    for console, user in ((True, None), (False, "root")):
        screen = Driver(console=console).look().log_in()
        screen.now = 601
        screen.application.lock_when_idle()
        assert screen.application.user == user
    screen = Driver().look().log_in().press("f12", "enter")
    screen.now = 601
    screen.application.lock_when_idle()
    assert "Locked" in screen.text() and screen.application.stack.top is None


def test_a_console_cannot_be_quit() -> None:
    assert "F10" not in Driver().press("f10", "ctrl q").text()


def test_a_page_that_breaks_leaves_the_rest_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Driver().look()

    def broken(status: HostStatus) -> list[object]:
        raise ZeroDivisionError("test")

    with monkeypatch.context() as patch:
        patch.setattr("config_tui.pages.status._summary", broken)
        screen.press("down", "up")
        assert "This page stopped working" in screen.text()
        assert "ZeroDivisionError" in screen.press("down").press("up").text()
    screen.press("enter")
    assert "10.0.4.13" in screen.text()


def test_a_hanging_host_does_not_hold_up_the_screen() -> None:
    import threading

    screen = Driver()
    screen.host.held["status"] = threading.Event()
    screen.application.look()
    assert "Reboot this host" in screen.press("down", "down", "down").text()
    screen.host.held["status"].set()
    screen.application.tasks.settle()
    assert screen.application.status is not None


@pytest.mark.parametrize("size", [(39, 24), (80, 11), (10, 3)])
def test_a_small_screen_says_what_it_needs(size: tuple[int, int]) -> None:
    text = " ".join(Driver(size).look().text().split())
    assert text.startswith("flexVDI") and "Host name" not in text


def test_refreshing_keeps_the_place_in_the_status() -> None:
    screen = Driver((80, 14)).look().press("enter", "page down")
    before = screen.text()
    assert "Host name" not in before
    assert screen.look().text() == before


@pytest.mark.parametrize("seed", range(2))
def test_no_keys_break_it(seed: int) -> None:
    keys = ["up", "down", "left", "right", "tab", "shift tab", "enter", "enter", "esc", " ", "a"]
    keys += ["backspace", "page up", "page down", "home", "end", "f1", "f2", "f3", "f5", "f12"]
    keys += ["delete", "meta x", "ctrl w", "世", "ctrl p"]
    dice = random.Random(seed)
    screen = Driver((dice.choice((80, 60, 45)), dice.choice((24, 13)))).look()
    for count in range(300):
        screen.press(dice.choice(keys))
        if count % 10 == 0:
            screen.application.tasks.settle()
        assert "stopped working" not in screen.text()
    screen.application.tasks.settle()
    screen.press("esc", "esc", "esc", "esc")
    assert screen.application.stack.top is None


def test_every_action_of_a_page_is_a_verb_and_answers_help() -> None:
    import argparse

    from config_tui.command_line import make_parser
    from config_tui.page import find_pages

    def verbs(parser: argparse.ArgumentParser, before: str = "") -> set[str]:
        found = set()
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for name, child in action.choices.items():
                    found |= {f"{before}{name}"} | verbs(child, f"{before}{name} ")
            elif not action.option_strings and action.choices:
                found |= {f"{before}{choice}" for choice in action.choices}
        return found

    known = verbs(make_parser())
    pages = find_pages()
    for page in pages:
        assert set(page.verbs) <= known, page.name
        assert page.verbs or page.name == "session"
        assert page.act is not None or page.open is not None


def test_deleting_a_page_removes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import config_tui.page as module

    found = tuple(page for page in module.find_pages() if page.name != "power")
    monkeypatch.setattr("config_tui.application.find_pages", lambda: found)
    text = Driver().look().press("f12").text()
    assert "Power" not in text


def test_a_failure_is_shown_with_all_its_parts() -> None:
    from config_tui.kit.dialog import show_failure

    screen = Driver()
    show_failure(
        screen.application.stack,
        Failure("The disk is full.", "Free some.", log="/var/log/x", where="a.cfg:3"),
    )
    text = screen.text()
    for words in ("! a.cfg:3: The disk is full.", "Free some.", "/var/log/x"):
        assert words in text
    assert re.search(r"\[ Close \]", text)
