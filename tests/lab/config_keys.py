"""The ways through flexVDI Config on a serial line, key by key."""

from __future__ import annotations

from tests.lab.console import SerialConsole

ANSWER_SECONDS = 300.0


def ask_to_log_in(console: SerialConsole, password: str) -> None:
    """Open the log-in box, by the key that terminals without F-keys have, and answer it."""
    console.wait_for_screen("F2 Log in", ANSWER_SECONDS)
    console.press("ctrl o")
    console.wait_for_screen("Password", ANSWER_SECONDS)
    console.type(password)
    console.press("enter")


def open_shell(console: SerialConsole) -> None:
    """From the menu of somebody who is logged in to a command line of root's."""
    console.press("end", "up", "up")
    console.wait_for_screen("> Support", ANSWER_SECONDS)
    console.press("enter")
    console.wait_for_screen("Diagnostics", ANSWER_SECONDS)
    console.press("end")
    console.wait_for_screen("> Shell", ANSWER_SECONDS)
    console.press("enter")
    console.wait_for(r"root@\S+#", ANSWER_SECONDS, since=console.mark())
