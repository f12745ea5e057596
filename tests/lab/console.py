"""A serial line as a person sees it: a VT220 screen, and everything that ever ran over it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pyte

_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|[()*+][A-Za-z0-9]|[=>78cDEHMNOZ]|\][^\x07]*\x07)")

KEYS = {
    "enter": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "page down": "\x1b[6~",
    "end": "\x1b[F",
    "f10": "\x1b[21~",
    "ctrl e": "\x05",
    "ctrl o": "\x0f",
}


class LineClosed(AssertionError):
    """The program behind the line ended before the text came."""


class TextNotSeen(AssertionError):
    """The text did not come in time; the message holds what was on the line instead."""


class SerialConsole:
    """Reads a child's output, keeps a screen of 80 by 24 and the whole transcript."""

    def __init__(self, child: pexpect.spawn[Any], record: Path) -> None:
        """``record`` gets every byte that came, for looking at it after a failed test."""
        self._child = child
        self._record = record.open("wb")
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self.transcript = ""

    @property
    def screen(self) -> str:
        """What is on the screen now, line by line."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def wait_for(self, pattern: str, timeout: float, *, since: int = 0) -> re.Match[str]:
        """Wait until ``pattern`` (a regular expression) is on the screen or went over the line.

        ``since`` is a place in the transcript (see :meth:`mark`) before which nothing counts; with
        it, only what is written after that place counts, on the screen as in the transcript.
        Raises TextNotSeen after ``timeout`` seconds, LineClosed when the machine ended.
        """
        deadline = time.monotonic() + timeout
        wanted = re.compile(pattern)
        while True:
            found = wanted.search(self.transcript, since) or (
                wanted.search(self.screen) if not since else None
            )
            if found:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise TextNotSeen(f"{pattern!r} not seen in {timeout:.0f} s; {self._evidence()}")
            self._read(min(left, 1.0), pattern)

    def wait_for_screen(self, pattern: str, timeout: float) -> re.Match[str]:
        """Wait until ``pattern`` is on the screen as it stands, whatever went by before."""
        deadline = time.monotonic() + timeout
        while not (found := re.search(pattern, self.screen, re.MULTILINE)):
            left = deadline - time.monotonic()
            if left <= 0:
                raise TextNotSeen(f"{pattern!r} not on screen; {self._evidence()}")
            self._read(min(left, 1.0), pattern)
        return found

    def wait_until(self, condition: Callable[[], bool], timeout: float, what: str) -> None:
        """Read on until ``condition`` holds of the screen; ``what`` says which, in a failure."""
        deadline = time.monotonic() + timeout
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0:
                raise TextNotSeen(f"not seen: {what}; {self._evidence()}")
            self._read(min(left, 1.0), what)

    def is_marked(self, text: str) -> bool:
        """Whether ``text`` is on the screen in reverse video, as what has the focus is."""
        for row, line in enumerate(self._screen.display):
            place = line.find(text)
            if place >= 0 and self._screen.buffer[row][place].reverse:
                return True
        return False

    def wait_until_gone(self, pattern: str, timeout: float) -> None:
        """Wait until ``pattern`` is no longer on the screen."""
        self.wait_for_screen(rf"\A(?![\s\S]*{pattern})", timeout)

    def mark(self) -> int:
        """The present end of the transcript, for ``wait_for(since=…)``."""
        return len(self.transcript)

    def press(self, *names: str) -> None:
        """Press keys by name (see KEYS); any other text is typed as it is."""
        for name in names:
            self._child.send(KEYS.get(name, name))

    def type(self, text: str) -> None:
        """Type a text, character by character as a line discipline gets it."""
        self._child.send(text)

    def command(self, line: str, timeout: float) -> str:
        """Run ``line`` in the shell on this line; its output, after it ended with status 0."""
        begin, end = f"begin-{self.mark()}", f"end-{self.mark()}"
        place = self.mark()
        # The quotes keep the echo of the typed line from looking like the markers themselves.
        self._child.send(
            f"echo '{begin[:3]}''{begin[3:]}'; {line}; echo '{end[:2]}''{end[2:]}'=$?\r"
        )
        found = self.wait_for(rf"{begin}\s+([\s\S]*?){end}=(\d+)", timeout, since=place)
        output, status = found.group(1).replace("\r", ""), int(found.group(2))
        if status:
            raise AssertionError(f"`{line}` ended with {status}:\n{output}")
        return output.strip()

    def wait_for_end(self, timeout: float) -> None:
        """Wait until the machine behind the line has ended by itself."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                self._read(1.0, "the end")
            except LineClosed:
                return
        raise TextNotSeen(f"the machine did not end in {timeout:.0f} s; {self._evidence()}")

    def _read(self, seconds: float, waiting_for: str) -> None:
        try:
            data = self._child.read_nonblocking(65536, timeout=seconds)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            raise LineClosed(
                f"the line closed before {waiting_for!r}; {self._evidence()}"
            ) from None
        self._record.write(data)
        self._record.flush()
        self._stream.feed(data)
        self.transcript += _ESCAPES.sub("", data.decode(errors="replace"))

    def _evidence(self) -> str:
        tail = "\n".join(self.transcript.replace("\r", "").splitlines()[-40:])
        return f"the screen:\n{self.screen}\n\nthe last lines of {self._record.name}:\n{tail}"
