"""The Manager's pages, by keys: deploying with a warning and a failure, console, start, removal."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from config_tui.console_view import ConsoleView, Transcript, bytes_of
from tests.unit.config_tui.screens import Driver
from tests.unit.deployment.lab import PLACE, facts, request

PASSWORD = "a long way to Tipperary"


def screen_of(folder: Path, **changes: Any) -> Driver:
    path = folder / "machine.json"
    path.write_text(json.dumps(facts(passwords={"root": "flexvdi"}, **changes)))
    return Driver(machine=str(path.with_suffix(""))).look().as_root()


def fill(screen: Driver) -> None:
    screen.go("manager-deploy").type("10.0.4.50/24")
    form = screen.application.hub.pane.page.original_widget
    form.focus_field("password")
    screen.type(PASSWORD).press("down").type(PASSWORD)


def deployed(folder: Path, **changes: Any) -> Driver:
    screen = screen_of(folder, **changes)
    host = screen.host
    host.manager.deploy(host.manager.plan(request()), screen.application.actor)
    return screen


def test_a_manager_is_deployed_from_the_form_with_a_warning_accepted(tmp_path: Path) -> None:
    screen = screen_of(tmp_path, clock={"synchronised": False})
    fill(screen)
    screen.push("Check")
    assert "does not follow a time server" in screen.words()
    screen.push("Show the plan")
    assert "Tick this to go on." in screen.text()
    screen.press(" ").push("Show the plan")
    text = screen.words()
    assert "Check the image" in text and "This will be done" in text
    screen.push("Deploy")
    assert "The Manager is deployed." in screen.text()
    assert "https://10.0.4.50" in screen.text()
    screen.push("Close")
    assert "running" in screen.text()
    assert PASSWORD not in json.dumps(screen.host.manager.status().as_dict(), default=str)


def test_what_stands_in_the_way_is_shown_and_looked_at_again(tmp_path: Path) -> None:
    screen = screen_of(tmp_path, claimed={"10.0.4.50": "52:54:00:00:00:09"})
    fill(screen)
    screen.push("Check")
    assert "in use by 52:54:00:00:00:09" in screen.words()
    screen.host.simulation.facts["claimed"] = {}
    screen.push("Check again")
    assert "A Manager can be deployed here" in screen.text()
    screen.push("Back")
    assert "10.0.4.50/24" in screen.text()  # nothing that was typed is lost


def test_what_failed_goes_on_or_is_rolled_back(tmp_path: Path) -> None:
    screen = screen_of(tmp_path)
    fill(screen)
    screen.push("Check").push("Show the plan")
    screen.host.faults["images.copy"] = "The storage is away."
    screen.push("Deploy")
    assert "The storage is away." in screen.text()
    screen.push("Close")
    assert "A deployment is not at its end" in screen.text()
    screen.push("Go on")
    assert "The storage is away." in screen.text()
    screen.push("Roll back").push("Roll back")
    assert "Address" in screen.text() and not screen.host.machine.manager.images.entries(PLACE)
    screen.host.faults.clear()
    fill(screen)
    screen.push("Check").push("Show the plan").push("Deploy")
    assert "The Manager is deployed." in screen.text()


def test_wrong_input_is_told_at_its_field(tmp_path: Path) -> None:
    screen = screen_of(tmp_path).go("manager-deploy").type("10.0.4.50").press("tab")
    assert "Write it with its prefix length" in screen.words()
    form = screen.application.hub.pane.page.original_widget
    form.focus_field("address")
    screen.type("/24")
    form.focus_field("password")
    screen.type("short").press("down").type("shorter")
    assert "The two passwords differ." in screen.words()
    screen.press(*["backspace"] * 2)
    assert "shorter than 8" in screen.words()


def until(screen: Driver, words: str) -> None:
    deadline = time.monotonic() + 10
    while words not in screen.settle().words():
        assert time.monotonic() < deadline, screen.text()


def test_the_console_is_shown_and_typed_into(tmp_path: Path) -> None:
    screen = deployed(tmp_path).go("manager-guest").push("Console")
    until(screen, "Booting from hard disk")
    screen.type("root")
    until(screen, "root")
    screen.press("esc", "esc").settle()
    assert "Force off" in screen.text()


def test_a_manager_of_another_host_starts_only_after_its_name_is_typed(tmp_path: Path) -> None:
    screen = deployed(tmp_path)
    host = screen.host
    host.manager.force_off(screen.application.actor)
    descriptor = json.loads(host.machine.manager.images.read(f"{PLACE}/flexvdi-manager.json") or "")
    descriptor["running_on"] = "node2"
    host.machine.manager.images.write(
        f"{PLACE}/flexvdi-manager.json", json.dumps(descriptor).encode()
    )
    screen.go("manager-guest")
    assert "node2 says that it runs it" in screen.words()
    screen.push("Start")
    assert "node2 had the Manager last" in screen.words()
    screen.type("node2").push("Start")
    assert host.manager.status().state == "running"
    assert "--believed-dead node2" in screen.words()


def test_the_manager_is_destroyed_only_by_its_name(tmp_path: Path) -> None:
    screen = deployed(tmp_path)
    screen.host.manager.stop(screen.application.actor)
    screen.go("manager-found").push("Destroy")
    screen.type("flexvdi-manager").push("Destroy")
    assert "flexvdi-manager is destroyed." in screen.words()
    assert not screen.host.machine.manager.images.entries(PLACE)


def test_work_is_followed_and_told_with_its_command(tmp_path: Path) -> None:
    screen = deployed(tmp_path)
    screen.host.manager.stop(screen.application.actor)
    screen.go("manager-keeping").push("Export").push("Export")
    assert "flexvdi-config manager export /var/tmp" in screen.words()
    screen.push("Close")
    assert "Change address" in screen.text()


def test_the_hour_of_backups_is_chosen_and_may_be_never(tmp_path: Path) -> None:
    screen = deployed(tmp_path).go("manager-backups")
    assert "None are made by themselves." in screen.text()
    screen.push("Each day").type("03:00").press("enter").settle().press("enter")
    assert "from 3:00" in screen.settle().text()


def test_a_transcript_is_lines_whatever_the_terminal_would_do() -> None:
    transcript = Transcript()
    transcript.feed(b"\x1b[2J\x1b[1;1HGRUB\r\n\x1b[32mok\x1b[0m 10%\r\nload 10%\rload 20%\n")
    transcript.feed(b"ab\b\bcd\x1b[")
    transcript.feed(b"31mred\x1b]0;title\x07\tend\xff")
    assert transcript.lines == ["GRUB", "ok 10%", "load 20%", "cdred   end\ufffd"]


def test_keys_are_sent_as_terminals_send_them() -> None:
    sent = [bytes_of(key) for key in ("a", "enter", "ctrl c", "up", "ñ", "f5")]
    assert sent == [b"a", b"\r", b"\x03", b"\x1b[A", "ñ".encode(), b""]


def test_a_console_whose_guest_ends_says_so(tmp_path: Path) -> None:
    screen = deployed(tmp_path).go("manager-guest").push("Console")
    view = screen.application.hub.pane.page
    assert isinstance(view, ConsoleView)
    view._console.close()
    until(screen, "The guest has ended")


@pytest.mark.parametrize("way", ["log out", "lock", "leave"])
def test_a_console_that_is_left_in_any_way_is_closed(tmp_path: Path, way: str) -> None:
    """Else it stays taken: libvirt gives a guest's console to one at a time."""
    screen = deployed(tmp_path).go("manager-guest").push("Console")
    view = screen.application.hub.pane.page
    assert isinstance(view, ConsoleView)
    if way == "log out":
        screen.press("f2")
    elif way == "lock":
        screen.now += 100_000
        screen.application.lock_when_idle()
    else:
        screen.go("status")
    assert view._console.read(0) is None


def test_a_console_that_opens_after_the_log_out_is_not_shown(tmp_path: Path) -> None:
    screen = deployed(tmp_path).go("manager-guest")
    opened = []
    manager = screen.application.host.manager
    really = manager.console

    def slowly() -> Any:
        screen.application.tasks.call(screen.application.log_out)
        opened.append(really())
        return opened[0]

    manager.console = slowly  # type: ignore[method-assign]
    screen.push("Console")
    assert screen.application.user is None
    assert opened[0].read(0) is None
    assert not isinstance(screen.application.hub.pane.page, ConsoleView)
