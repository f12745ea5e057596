"""The terminal: urwid's raw screen, made to behave on consoles, serial lines and odd sizes."""

from __future__ import annotations

import fcntl
import locale
import os
import struct
import sys
import termios
from collections.abc import Sequence
from typing import Any

import urwid
from urwid.display.raw import Screen as RawScreen

from config_tui.kit import theme
from config_tui.kit.ascii_text import AsciiCanvas

FALLBACK_SIZE = (80, 24)
_LARGEST = 1000
# Save the cursor, go as far right and down as there is, ask where that is, come back (ECMA-48 CPR).
_ASK_SIZE = "\0337\033[999;999H\033[6n\0338"


class Screen(RawScreen):
    """A raw screen without mouse, paste and focus reports, that draws even when told 0x0.

    A serial line has no window size: the kernel says 0x0. The terminal is then asked by a cursor
    report; until it answers, if ever, the screen is 80x24. Nothing waits for the answer: it
    arrives as input, see :meth:`without_reports`.
    """

    def __init__(self, input: Any = sys.stdin, output: Any = sys.stdout) -> None:
        """Use the terminal on ``input`` and ``output``."""
        super().__init__(input, output, bracketed_paste_mode=False, focus_reporting=False)
        self._answered: tuple[int, int] | None = None

    def _detect_terminal_modes(self) -> None:
        """Ask nothing: plain terminals print such queries instead of answering them."""

    def _start(self, *args: Any, **options: Any) -> None:
        super()._start(*args, **options)
        # Ctrl-C, Ctrl-Z, Ctrl-\ and Ctrl-S are keys here: a console must not stop by accident.
        self.tty_signal_keys("undefined", "undefined", "undefined", "undefined", "undefined")
        self.ask_size()

    @property
    def others_write(self) -> bool:
        """Whether this is the machine's own screen, which the kernel and boot programs write on."""
        return self.term.startswith("linux")

    def ask_size(self) -> None:
        """Ask the terminal for its size if the kernel does not know it."""
        if self.kernel_size() == (0, 0) and self.term not in ("dumb", "unknown", ""):
            self.write(_ASK_SIZE)
            self.flush()

    def kernel_size(self) -> tuple[int, int]:
        """Columns and rows as the kernel knows them; (0, 0) when it knows nothing useful."""
        try:
            packed = fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, b"\0" * 8)
        except (OSError, ValueError):
            return (0, 0)
        rows, columns, _x, _y = struct.unpack("hhhh", packed)
        return (columns, rows) if columns > 0 and rows > 0 else (0, 0)

    def get_cols_rows(self) -> tuple[int, int]:
        """Columns and rows to draw: the kernel's, the terminal's own answer, or 80x24."""
        size = self.kernel_size()
        if size == (0, 0):
            size = self._answered or FALLBACK_SIZE
        self.maxrow = size[1]
        return size

    def draw_screen(self, size: tuple[int, int], canvas: Any) -> None:
        """Draw, in ASCII where the look is ASCII: a text may hold any character."""
        plain = theme.current().glyphs is theme.ASCII
        # AsciiCanvas stands for a canvas in the one way in which urwid's screen looks at one.
        super().draw_screen(size, AsciiCanvas(canvas) if plain else canvas)  # type: ignore[arg-type]

    def without_reports(self, keys: Sequence[Any]) -> list[str]:
        """Only the keys of ``keys``; a cursor report among them becomes the screen's size."""
        plain = [key for key in keys if isinstance(key, str)]
        for key in keys:
            if isinstance(key, tuple) and key[0] == "cursor position":
                columns, rows = int(key[1]) + 1, int(key[2]) + 1
                if 1 < columns <= _LARGEST and 1 < rows <= _LARGEST:
                    self._answered = (columns, rows)
                    self._tell_kernel(columns, rows)
                    plain.append("window resize")
        return plain

    def _tell_kernel(self, columns: int, rows: int) -> None:
        """Let programs started from here (a shell, a pager) know the size as well."""
        try:
            packed = struct.pack("hhhh", rows, columns, 0, 0)
            fcntl.ioctl(sys.stdout.fileno(), termios.TIOCSWINSZ, packed)
        except (OSError, ValueError):
            return


def open_screen() -> Screen:
    """The screen of this process's terminal, in the look that fits it (see kit.theme)."""
    look = theme.theme_for(os.environ.get("TERM", ""), locale.getpreferredencoding(False))
    theme.use(look)
    urwid.set_encoding("utf-8")  # of canvases; an ASCII look is made of them when it is drawn
    screen = Screen()
    screen.set_terminal_properties(colors=look.colors)
    screen.set_mouse_tracking(False)
    return screen
