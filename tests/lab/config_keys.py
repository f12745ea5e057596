"""The ways through flexVDI Config on a serial line, key by key."""

from __future__ import annotations

import re

from tests.lab.console import SerialConsole

ANSWER_SECONDS = 600.0
# The entry that the menu stands on, where the screen has no other mark: not half drawn.
_SELECTED = r"\A(?:(?! *> ).*\n)* *> (?!{before} *[|│])(\S[^|│\n]*?) *[|│].*(?:\n(?! *> ).*)*\Z"


def ask_to_log_in(console: SerialConsole, password: str) -> None:
    """Open the log-in box, by the key that terminals without F-keys have, and answer it."""
    console.wait_for_screen("F2 Log in", ANSWER_SECONDS)
    console.press("ctrl o")
    console.wait_for_screen("Password", ANSWER_SECONDS)
    console.type(password)
    console.press("enter")


def go_to(console: SerialConsole, area: str, page: str) -> None:
    """From the top of the menu of somebody who is logged in to a page of an area."""
    for title in (area, page):
        console.press("end")
        console.wait_for_screen(r"> (About|ISO images|Emergency reset) *[|│]", ANSWER_SECONDS)
        stand_on(console, title)
        console.press("enter")
        console.wait_for_screen(rf"^ {area}", ANSWER_SECONDS)


def stand_on(console: SerialConsole, title: str) -> None:
    """Go up the menu to an entry, from its last one."""
    before = "no entry"
    while True:
        wanted = _SELECTED.format(before=re.escape(before))
        before = console.wait_for_screen(wanted, ANSWER_SECONDS)[1]
        if before.startswith(title):
            return
        console.press("up")


def stage(console: SerialConsole) -> None:
    """From the last field of a form."""
    console.press("tab")
    console.wait_until(lambda: console.is_marked("[ Stage ]"), ANSWER_SECONDS, "[ Stage ]")
    console.press("enter")
    console.wait_for_screen("Not applied yet", ANSWER_SECONDS)


def push(console: SerialConsole, label: str) -> None:
    """Press a button where only buttons can have the focus, by walking to it."""
    button = f"[ {label} ]"
    console.wait_until(
        lambda: any(map(console.is_marked, _buttons(console))), ANSWER_SECONDS, "a page's buttons"
    )
    for _step in range(20):
        before = [text for text in _buttons(console) if console.is_marked(text)]
        if button in before:
            console.press("enter")
            return
        console.press("tab")
        console.wait_until(
            lambda before=before: (  # type: ignore[misc]
                [text for text in _buttons(console) if console.is_marked(text)] != before
            ),
            ANSWER_SECONDS,
            f"the focus on another button than {before}",
        )
    raise AssertionError(f"no button {button}:\n{console.screen}")


def _buttons(console: SerialConsole) -> list[str]:
    return re.findall(r"\[ [^\]\n]+ \]", console.screen)


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


def apply_staged(console: SerialConsole) -> None:
    """Have what is staged applied; it has begun when this returns."""
    console.press("ctrl e")
    apply_what_is_shown(console)


def apply_what_is_shown(console: SerialConsole) -> None:
    """The same from the page of the changes."""
    console.wait_for_screen("Changes not applied yet", ANSWER_SECONDS)
    push(console, "Apply ...")
    console.wait_for_screen("This will be done", ANSWER_SECONDS)
    push(console, "Apply")


def wait_for_words(console: SerialConsole, *texts: str) -> None:
    """Wait until all ``texts`` are on the screen, which may have wrapped them."""
    console.wait_until(
        lambda: all(text in words_on(console) for text in texts), ANSWER_SECONDS, ", ".join(texts)
    )


def words_on(console: SerialConsole) -> str:
    """The screen's text on one line, for what may be wrapped."""
    return " ".join(re.sub("[|│]", " ", console.screen).split())
