"""The terminal under a screen: its main loop, its clock, drawing anew, and giving it to a shell."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import urwid

from config_tui.kit import theme
from config_tui.kit.screen import open_screen
from config_tui.kit.shell import run_on_terminal

if TYPE_CHECKING:
    from config_tui.application import Application

_TICK = 1.0  # seconds between looks whether a change waits to be kept
_REPAINT = 15  # ticks after which a screen that others write on as well is drawn anew


class Terminal:
    """Runs an application on this process's terminal."""

    def __init__(self, application: Application) -> None:
        """Nothing is drawn before :meth:`run`."""
        self._application = application
        self._screen = open_screen()
        self._ticks = 0
        self._loop = urwid.MainLoop(
            application.root,
            palette=theme.current().palette,
            screen=self._screen,
            handle_mouse=False,
            input_filter=lambda keys, _raw: self._filter(keys),
            unhandled_input=application.unhandled,
        )

    def run(self) -> None:
        """Draw and answer keys until the person quits (never, on a console)."""
        application = self._application

        def woken(_data: bytes) -> bool:
            application.tasks.run_pending()
            return True

        pipe = self._loop.watch_pipe(woken)
        application.tasks.wake = lambda: _write(pipe)
        application.rebuild()
        self._loop.set_alarm_in(0, self._tick)
        self._loop.run()

    def _filter(self, keys: list[Any]) -> list[Any]:
        self._application.note_key()
        return list(self._screen.without_reports(keys))

    def _tick(self, loop: urwid.MainLoop, _data: Any) -> None:
        self._application.look_if_due()
        self._application.pending_watch.tick()
        self._application.lock_when_idle()
        self._ticks += 1
        if self._screen.others_write and self._ticks % _REPAINT == 0:
            self._screen.clear()
        loop.set_alarm_in(_TICK, self._tick)

    def redraw(self) -> None:
        """Draw everything anew, for a terminal on which something else has written."""
        self._screen.clear()
        self._screen.ask_size()

    def run_program(self, argv: Sequence[str], banner: str) -> None:
        """Give the terminal to a program until it ends; raises Failure when it cannot start."""
        run_on_terminal(self._loop, argv, banner=banner)


def _write(pipe: int) -> None:
    try:
        os.write(pipe, b".")
    except OSError:  # the screen has ended; nobody waits for this result any more
        return
