"""flexVDI Config on a pseudo-terminal, read back through a terminal emulator."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pexpect
import pyte

from tests.unit.config_tui.screens import plain_words

EXAMPLES = Path(__file__).parents[3] / "host/backends/simulated/examples"
PATIENCE = 180
ESCAPE_ALONE = 0.5  # seconds; the program waits a quarter of that for what may belong to it
REDRAW = "\x0c"
TITLE = b"flexVDI Config"
# What keys send on every terminal there is: F-keys differ, and have twins for that reason.
SENT = {
    "enter": "\r",
    "tab": "\t",
    "shift tab": "\x1b[Z",
    "esc": "\x1b",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "page down": "\x1b[6~",
}


class Terminal:
    """A program on a pseudo-terminal, and what its screen shows. It plays storyboards."""

    def __init__(
        self,
        term: str,
        rows: int = 24,
        columns: int = 80,
        locale: str = "C.UTF-8",
        machine: str = "node",
    ) -> None:
        self.child = pexpect.spawn(
            sys.executable,
            [
                "-m",
                "config_tui.command_line",
                "--simulate",
                str(EXAMPLES / f"{machine}.json"),
            ],
            env={**os.environ, "TERM": term, "LANG": locale, "LC_ALL": locale},
            dimensions=(rows, columns),
            timeout=PATIENCE,
        )
        self.screen = pyte.Screen(columns or 80, rows or 24)
        self._stream = pyte.ByteStream(self.screen)
        self.received = b""

    def pump(self, timeout: float = 0.2) -> bool:
        """Take in what the program has written; False when it has ended."""
        try:
            data = self.child.read_nonblocking(65536, timeout=timeout)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.received += data
        self._stream.feed(data)
        return True

    def feed(self, data: bytes) -> None:
        """Write on the terminal as if another program did."""
        self._stream.feed(data)

    def text(self) -> str:
        return "\n".join(self.screen.display)

    def words(self) -> str:
        return plain_words(self.text())

    def wait_for(self, words: str) -> None:
        wanted = plain_words(words)
        deadline = time.monotonic() + PATIENCE
        while wanted not in self.words():
            alive = self.pump()
            if time.monotonic() > deadline or not alive:
                raise AssertionError(f"{words!r} did not come:\n{self.text()}")

    def press(self, keys: str) -> None:
        self.child.send(keys)

    def close(self) -> None:
        self.child.close(force=True)

    # --- playing storyboards ---

    def press_key(self, key: str) -> None:
        """Press a key and wait until the program has dealt with it."""
        if key == "esc":
            # Whatever comes close behind an escape byte joins it, so nothing may.
            self.press(SENT[key])
            self._settle(ESCAPE_ALONE)
        elif key.startswith("ctrl "):
            self.press(chr(ord(key[-1]) & 0x1F))
            self._settle()
        else:
            self.press(SENT.get(key, key))
            self._settle()

    def _settle(self, pause: float = 0.0) -> None:
        """Wait until all keys so far are done: the screen is drawn anew, as asked for after them.

        Only then is the title, which never changes, sent again.
        """
        deadline = time.monotonic() + pause
        while time.monotonic() < deadline:
            self.pump(0.1)
        place = len(self.received)
        self.press(REDRAW)
        deadline = time.monotonic() + PATIENCE
        while TITLE not in self.received[place:]:
            alive = self.pump()
            if time.monotonic() > deadline or not alive:
                raise AssertionError(f"the program does not answer keys:\n{self.text()}")
        while place < len(self.received):  # the rest of the same drawing
            place = len(self.received)
            self.pump(0.1)

    def must_see(self, words: str) -> None:
        self.wait_for(words)

    def must_miss(self, words: str) -> None:
        wanted = plain_words(words)
        deadline = time.monotonic() + PATIENCE
        while wanted in self.words():
            self.pump()
            if time.monotonic() > deadline:
                raise AssertionError(f"{words!r} is still there:\n{self.text()}")

    def push(self, label: str) -> None:
        for _step in range(40):
            row, column = self._cursor()
            line = self.screen.display[row]
            if line[max(0, column - 2) :].startswith((f"[ {label} ]", f"( {label} )")):
                self.press_key("enter")
                return
            self.press_key("tab")
        raise AssertionError(f"no button {label!r}:\n{self.text()}")

    def _cursor(self) -> tuple[int, int]:
        return self.screen.cursor.y, self.screen.cursor.x
