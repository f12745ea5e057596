"""flexVDI Config on real pseudo-terminals of many kinds, read back through a terminal emulator."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from typing import Any

import pexpect
import pytest

from tests.integration.config_tui.terminal import PATIENCE, Terminal


@pytest.fixture
def opened() -> Iterator[Any]:
    terminals: list[Terminal] = []

    def open_terminal(*arguments: Any, **options: Any) -> Terminal:
        terminals.append(Terminal(*arguments, **options))
        return terminals[-1]

    yield open_terminal
    for terminal in terminals:
        terminal.close()


@pytest.mark.parametrize(
    "term", ["linux", "vt100", "vt220", "xterm-256color", "screen", "tmux", "dumb"]
)
def test_the_status_is_painted_and_keys_are_answered(opened: Any, term: str) -> None:
    terminal = opened(term)
    for words in ("flexVDI Config", "node3.lab", "10.0.4.13", "Log in"):
        terminal.wait_for(words)
    terminal.press("\x0f")  # Ctrl-O
    terminal.wait_for("Password")
    terminal.press("flexvdi\r")
    terminal.wait_for("Logged in as root")
    terminal.press("\x11")  # Ctrl-Q
    terminal.child.expect(pexpect.EOF)
    assert b"flexvdi\r" not in terminal.received


def test_what_others_write_on_the_machines_own_screen_does_not_stay(opened: Any) -> None:
    terminal = opened("linux")
    terminal.wait_for("2% free on /var")
    terminal.feed(b"\r\x1b[2K\x1b[12;1HI/O error, dev sda\x1b[K\x1b[1;1H\x1b[2K")
    for words in ("flexVDI Config", "Host name", "2% free on /var"):
        terminal.wait_for(words)
    terminal.must_miss("I/O error")


@pytest.mark.parametrize("term", ["vt220", "vt100", "dumb"])
def test_plain_terminals_get_plain_characters_and_no_queries(opened: Any, term: str) -> None:
    terminal = opened(term)
    terminal.wait_for("2% free on /var")
    assert terminal.received.isascii()
    for unwanted in (b"\x1b[?1000h", b"\x1b[?2004h", b"$p", b"\x1b[?1004h"):
        assert unwanted not in terminal.received


def test_a_serial_line_without_a_size_is_80x24_until_the_terminal_answers(opened: Any) -> None:
    terminal = opened("vt220", rows=0, columns=0)
    terminal.wait_for("F2 Log in")
    assert terminal.screen.display[23].startswith(" F2 Log in")
    assert b"\x1b[6n" in terminal.received
    terminal.screen.resize(lines=30, columns=100)
    terminal.press("\x1b[30;100R")
    deadline = time.monotonic() + PATIENCE
    while not terminal.screen.display[29].startswith(" F2 Log in"):
        terminal.pump()
        assert time.monotonic() < deadline, terminal.text()
    assert terminal.child.getwinsize() == (30, 100)


def test_a_resize_is_followed(opened: Any) -> None:
    terminal = opened("xterm-256color")
    terminal.wait_for("F2 Log in")
    terminal.screen.resize(lines=12, columns=60)
    terminal.child.setwinsize(12, 60)
    deadline = time.monotonic() + PATIENCE
    while not terminal.screen.display[11].startswith(" F2 Log in"):
        terminal.pump()
        assert time.monotonic() < deadline, terminal.text()


def test_a_locale_without_utf8_is_drawn_in_ascii(opened: Any) -> None:
    terminal = opened("xterm", locale="POSIX")
    terminal.wait_for("flexVDI Config")
    terminal.wait_for("2% free on /var")


def test_ctrl_c_and_ctrl_z_do_not_stop_it(opened: Any) -> None:
    terminal = opened("linux")
    terminal.wait_for("F2 Log in")
    terminal.press("\x03\x1a\x1c")
    terminal.press("\x07")  # Ctrl-G
    terminal.wait_for("Ctrl-O")
    assert terminal.child.isalive()


def test_a_shell_comes_back_to_the_screen(opened: Any) -> None:
    terminal = opened("linux")
    terminal.wait_for("F2 Log in")
    terminal.press("\x0f")
    terminal.wait_for("Password")
    terminal.press("flexvdi\r")
    terminal.wait_for("Logged in as root")
    terminal.press("\x1b[F\x1b[A\x1b[A\r")
    terminal.wait_for("Diagnostics")
    terminal.press("\x1b[F\r")
    deadline = time.monotonic() + PATIENCE
    while b"A shell of root would open here." not in terminal.received:
        terminal.pump()
        assert time.monotonic() < deadline
    terminal.press("\x07")
    terminal.wait_for("Ctrl-O")


def test_a_killed_screen_leaves_a_terminal_that_the_next_one_can_use(opened: Any) -> None:
    terminal = opened("vt220")
    terminal.wait_for("F2 Log in")
    terminal.child.kill(signal.SIGKILL)
    terminal.child.wait()
    again = opened("vt220")
    again.wait_for("F2 Log in")
