"""What is shown outside the questions: waiting, what will be erased, progress, failure, the end.

Each view is built from a Status and brought up to date with the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import urwid

from config_tui.kit import theme
from config_tui.kit.dialog import Button
from config_tui.kit.progress import Bar
from installer.engine.events import CHOICE_TITLES, Choice, State, Status
from installer.screens.button_rows import ButtonRows
from installer.screens.words import (
    countdown_line,
    duration_in_words,
    failure_lines,
    progress_line,
    step_title,
)

OnChoice = Callable[[Choice], None]
_LOG_ROWS = 8


class StatusView(urwid.WidgetWrap[Any]):
    """A headline, a body that scrolls, a line that changes, and the choices as buttons."""

    def __init__(self, on_choice: OnChoice) -> None:
        """``on_choice`` is called when a button is pressed."""
        self._on_choice = on_choice
        self._headline = urwid.Text("")
        self._bar = Bar()
        self._line = urwid.Text("")
        self._body = urwid.Text("")
        self._list: urwid.ListBox[Any] = urwid.ListBox(urwid.SimpleFocusListWalker([self._body]))
        self._shown: tuple[Choice, ...] = ()
        self._state: State | None = None
        self._buttons: ButtonRows | None = None
        self._pile = urwid.Pile([])
        super().__init__(self._pile)

    def update(self, status: Status) -> None:
        """Show ``status``; the focus stays on the same button while it is there."""
        self._headline.set_text(("error" if status.state == "failed" else "heading", _mark(status)))
        body, follow_end = _body_of(status)
        self._body.set_text(body)
        self._line.set_text(_line_of(status))
        self._bar.set_share(status.progress.overall)
        if self._shown != status.choices or self._state != status.state:
            self._shown = status.choices
            self._state = status.state
            self._lay_out(status)
        if follow_end:
            self._list.set_focus_valign("bottom")

    def _lay_out(self, status: Status) -> None:
        buttons = [self._button(choice) for choice in status.choices]
        parts: list[Any] = [("pack", self._headline), ("pack", urwid.Divider())]
        if status.state == "installing":
            parts += [("pack", self._bar), ("pack", self._line), ("pack", urwid.Divider())]
        parts.append(self._list)
        if status.state != "installing":
            parts += [("pack", urwid.Divider()), ("pack", self._line)]
        self._buttons = ButtonRows(buttons) if buttons else None
        if self._buttons is not None:
            parts += [("pack", urwid.Divider()), ("pack", self._buttons)]
        self._pile.contents = [
            (part[1], self._pile.options("pack"))
            if isinstance(part, tuple)
            else (part, self._pile.options("weight", 1))
            for part in parts
        ]
        self._pile.focus_position = len(parts) - 1

    def _button(self, choice: Choice) -> Button:
        return Button(CHOICE_TITLES[choice], lambda: self._on_choice(choice))

    def keypress(self, size: Any, key: str) -> str | None:
        """Tab goes round the buttons, arrows too; the other keys scroll the body."""
        if key in ("tab", "shift tab") and self._buttons is not None:
            self._buttons.move(1 if key == "tab" else -1)
            return None
        left: str | None = super().keypress(size, key)
        if left in ("up", "down", "page up", "page down", "home", "end"):
            self._list.keypress((size[0], max(1, size[1] - 6)), left)
            return None
        return left


def _mark(status: Status) -> str:
    mark = theme.current().glyphs.warning
    return f"{mark} {status.headline}" if status.state == "failed" else status.headline


def _line_of(status: Status) -> Any:
    if status.state == "installing":
        return progress_line(status) or " "
    return ("heading", countdown_line(status) or " ")


def _body_of(status: Status) -> tuple[Any, bool]:
    """The body's text, and whether its end is what matters."""
    match status.state:
        case "installing":
            return _installing(status), True
        case "confirming":
            return f"Answers: {status.source}\n\n{status.preview}", False
        case "failed":
            lines = failure_lines(status.failure) if status.failure else []
            return "\n".join([*lines, "", *status.log[-_LOG_ROWS:]]), False
        case "finished":
            return _finished(status), False
    return "\n".join(status.log[-20:]), True


def _installing(status: Status) -> Any:
    done = [
        f"  {step.title}: {duration_in_words(step.seconds)}"
        for step in status.steps
        if step.state == "done" and step.seconds is not None and step.seconds >= 1
    ]
    log: Sequence[str] = status.log[-_LOG_ROWS:]
    return [("heading", step_title(status)), "\n", "\n".join([*done[-4:], "", *log])]


def _finished(status: Status) -> str:
    seconds = sum(step.seconds or 0 for step in status.steps)
    lines = ["The host is installed. Remove the medium when the machine restarts."]
    if seconds:
        lines.append(f"It took {duration_in_words(seconds)}.")
    lines.append("The log is on the host in /var/log/flexvdi/install,")
    lines.append("the kickstart that installs it again in /root/flexvdi-ks.cfg.")
    return "\n".join(lines)
