from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from foundation.failure import Failure
from host.audit import Actor
from host.status import HostStatus
from tests.unit.config_tui.screens import Driver, use_look


@pytest.fixture(autouse=True)
def _look() -> Iterator[None]:
    use_look("unicode")
    yield
    use_look("unicode")


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
    screen = Driver().look().log_in().go("power").push("Reboot")
    assert "Guests running on this host: 12" in screen.words()
    screen.press("enter", "enter").settle()  # whoever only presses Enter does no harm
    assert screen.host.calls == [] and screen.application.stack.top is None
    screen.push("Reboot").type("new kernel").push("Reboot")
    assert screen.host.calls == ["reboot: new kernel"]
    assert "flexvdi-config power reboot" in screen.text()


def test_a_host_too_ill_to_say_what_runs_can_still_be_powered_off() -> None:
    screen = Driver().look().log_in().go("power")
    screen.host.faults["power_situation"] = "libvirt does not answer."
    screen.push("Power off")
    for words in ("It is not known whether guests run", "libvirt", "does not answer."):
        assert words in screen.words()
    screen.push("Power off")
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
    words = screen.stand_on("power").words()
    assert "Maintenance, reboot and power off of this host." in words and "not known" in words
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


def test_a_change_that_is_being_kept_elsewhere_is_not_said_to_be_reverted() -> None:
    screen = Driver().look()
    host = screen.host
    document = host.document()
    first = document.network.interfaces[0]
    changed = first.model_copy(update={"mtu": 1400})
    network = document.network.model_copy(
        update={"interfaces": (changed, *document.network.interfaces[1:])}
    )
    host.apply(document.replacing(network=network), Actor("ana", "ssh"), confirm_timeout=60)
    screen.tick()
    assert "Can this host still be reached?" in screen.text()
    pending = host.pending()
    assert pending is not None
    undecided = replace(host.job(pending.job), state="running")
    with pytest.MonkeyPatch.context() as at_that_moment:
        at_that_moment.setattr(host, "pending", lambda: None)
        at_that_moment.setattr(host, "job", lambda _job: undecided)
        assert "old configuration" not in screen.tick().tick().text()
    host.confirm(Actor("ana", "ssh"))
    assert "The change is kept." in screen.tick().tick().text()


def test_a_stranger_is_told_of_the_keys_and_of_the_way_back() -> None:
    screen = Driver().look()
    assert "Esc Back" not in screen.text()
    assert "F1 or Ctrl-G shows what the keys do." in screen.type("q").text()
    screen.as_root().go("network-names")
    assert "Esc Back" in screen.text()
    screen.press("esc", "esc")
    assert "Esc Back" not in screen.text()


def test_what_cannot_be_the_management_path_is_refused_with_its_reason() -> None:
    screen = Driver(machine="hospital").look().as_root().go("network-addresses")
    screen.press("down").push("Use for management")  # bond0, which a bridge has taken
    assert "management interface bond0 is a port of br-mgmt" in screen.words()
    screen.press("esc")
    assert "changes not applied" not in screen.text()
