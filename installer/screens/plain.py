"""The installation as plain lines, for terminals that can show no screens, for pipes and logs.

One line for each step and for each 10 % of it. Decisions are taken by typing their number.
"""

from __future__ import annotations

import queue
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import TextIO

from foundation.failure import Failure
from foundation.interactive import run_interactively
from installer.engine.commands import ChooseCommand
from installer.engine.events import (
    CHOICE_TITLES,
    Choice,
    CountdownEvent,
    Event,
    LogEvent,
    ProgressEvent,
    State,
    StateEvent,
    Status,
    StatusEvent,
    StepFinished,
    StepStarted,
    after,
)
from installer.engine.link import Link
from installer.screens.words import (
    TITLE,
    countdown_line,
    duration_in_words,
    failure_lines,
    progress_line,
    step_number,
)

SHELL = ("/bin/bash", "--login")
NO_SCREENS = (
    "This terminal cannot show the questions. Go on in one of these ways:",
    "  - answer on another console of this machine (a screen, or a serial line whose",
    "    terminal type is better than “dumb”),",
    "  - boot with inst.ks=URL, or put a ks.cfg on a volume labelled OEMDRV,",
    "  - choose “Shell” and type: flexvdi-install run --kickstart FILE",
)


class PlainLines:
    """Turns events into lines. Each event yields what a person should read about it."""

    def __init__(self, *, choices: bool = True) -> None:
        """Nothing was shown yet; ``choices`` tells whether to show what can be decided."""
        self.status = Status()
        self._choices = choices
        self._tenth = 0

    def lines_for(self, event: Event) -> Iterator[str]:
        """The lines for ``event``."""
        before = self.status
        self.status = status = after(before, event)
        match event:
            case StatusEvent():
                yield TITLE
                yield from self._state_lines(status)
            case StateEvent():
                yield from self._state_lines(status, before)
            case CountdownEvent(seconds=seconds) if seconds and (seconds <= 3 or seconds % 5 == 0):
                yield countdown_line(status)
            case StepStarted():
                self._tenth = 0
                number, count = step_number(status)
                width = len(str(count))
                yield f"[{number:{width}}/{count}] {status.steps[number - 1].title}"
            case ProgressEvent(progress=progress) if progress.total:
                tenth = progress.done * 10 // progress.total
                if tenth > self._tenth:
                    self._tenth = tenth
                    yield f"        {tenth * 10:3} %  {progress_line(status)}"
            case StepFinished(seconds=seconds) if seconds >= 1:
                yield f"        done in {duration_in_words(seconds)}"
            case LogEvent(text=text, level=level):
                if level != "info" or status.state != "installing":
                    yield f"  {text}"

    def _state_lines(self, status: Status, before: Status | None = None) -> Iterator[str]:
        same = before is not None and (before.state, before.headline) == (
            status.state,
            status.headline,
        )
        if not same:
            yield ""
            yield status.headline
            if status.state == "confirming" or (before is None and status.preview):
                yield from status.preview.splitlines()
        if status.failure is not None and (not same or before is None or before.failure is None):
            yield from failure_lines(status.failure)
        if status.state == "answering":
            yield from NO_SCREENS
        if status.choices and self._choices:
            numbered = (
                f"{number}) {CHOICE_TITLES[choice]}"
                for number, choice in enumerate(choices_of(status), 1)
            )
            yield "Type a number and Enter: " + "  ".join(numbered)


def choices_of(status: Status) -> tuple[Choice, ...]:
    """What can be chosen on this console: where a person is asked, a shell as well."""
    if status.state == "answering":
        return (*status.choices, "edit-answers", "shell")
    return status.choices


def show_plain(
    socket: Path,
    *,
    output: TextIO = sys.stdout,
    input: TextIO = sys.stdin,
    until_end: bool = False,
    on_rescue: Callable[[], int] = lambda: 0,
) -> int:
    """Show the installation until the engine is gone for good (or, ``until_end``, until it ended).

    Returns 0 when it finished, 1 when it failed. With ``until_end`` nothing is asked: an ending
    that waits for a person is an ending.
    """
    happened: queue.Queue[Event | str | None] = queue.Queue()
    link = Link(socket, happened.put)
    if not until_end:
        Thread(target=_read_lines, args=(input, happened), name="input", daemon=True).start()
    shown = PlainLines(choices=not until_end)
    connected = False
    try:
        while True:
            what = happened.get()
            if what is None:
                if until_end and connected:
                    return _result(shown.status.state)
                _print(output, "Waiting for the installer's engine …")
            elif isinstance(what, str):
                _decide(what, shown.status, link, output)
            else:
                connected = True
                for line in shown.lines_for(what):
                    _print(output, line)
                status = shown.status
                if status.state == "rescue":
                    return on_rescue()
                if isinstance(what, StateEvent) and status.open_shell and not until_end:
                    run_interactively(SHELL)
                if until_end and _waits_for_person(status):
                    return _result(status.state)
    finally:
        link.stop()


def _waits_for_person(status: Status) -> bool:
    """Whether nothing goes on by itself: ended, and every choice is a person's."""
    if not status.choices or "cancel" in status.choices:
        return False
    return status.state in ("finished", "failed", "answering")


def _result(state: State) -> int:
    return 0 if state == "finished" else 1


def _decide(typed: str, status: Status, link: Link, output: TextIO) -> None:
    choices = choices_of(status)
    number, _, argument = typed.strip().partition(" ")
    if not number:
        return
    if not number.isdecimal() or not 1 <= int(number) <= len(choices):
        _print(output, f"“{number}” is none of the numbers offered.")
        return
    choice = choices[int(number) - 1]
    if choice == "shell":
        run_interactively(SHELL)
        return
    if choice in ("edit-answers", "save-logs") and not argument.strip():
        what = "URL" if choice == "edit-answers" else "URL, folder or stick (LABEL=NAME)"
        _print(output, f"Type {number} and the {what} behind it, as in: {number} PLACE")
        return
    try:
        result = link.ask(ChooseCommand(choice=choice, argument=argument.strip()))
    except Failure as failure:
        _print(output, str(failure))
    else:
        if result:
            _print(output, f"Done: {result}")


def _read_lines(input: TextIO, happened: queue.Queue[Event | str | None]) -> None:
    for line in input:
        happened.put(line)


def _print(output: TextIO, line: str) -> None:
    output.write(line + "\n")
    output.flush()
