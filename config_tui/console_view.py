"""A guest's serial console inside of a page: lines as on a terminal, keys as typed there."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import urwid

from config_tui.kit.text import _

if TYPE_CHECKING:
    from config_tui.kit.tasks import Tasks
    from host.machine.manager.domains import Console

_KEPT = 2000  # lines
_TURN = 0.5  # seconds that a read may wait
# Sequences that move cursors or colour, and titles: a line of text needs none of them.
_ESCAPES = re.compile(
    r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\^_=>()][0-9A-B]?)"
)
_BYTES = {
    "enter": b"\r",
    "tab": b"\t",
    "shift tab": b"\x1b[Z",
    "backspace": b"\x7f",
    "delete": b"\x1b[3~",
    "esc": b"\x1b",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
}
_LEAVE = ("ctrl ]", "ctrl }")


class Transcript:
    """Bytes of a console as lines: carriage returns go back, backspaces too."""

    def __init__(self) -> None:
        """Nothing was said."""
        self.lines = [""]
        self._place = 0
        self._held = ""

    def feed(self, data: bytes) -> None:
        """What came; a sequence that is torn waits for its rest."""
        text = self._held + data.decode(errors="replace")
        self._held = ""
        torn = re.search(r"\x1b[^@-Z\\^_a-z~]*$", text)
        if torn is not None and len(torn[0]) < 32:
            self._held, text = torn[0], text[: torn.start()]
        for character in _ESCAPES.sub("", text):
            self._put(character)
        del self.lines[:-_KEPT]

    def _put(self, character: str) -> None:
        if character == "\n":
            self.lines.append("")
            self._place = 0
        elif character == "\r":
            self._place = 0
        elif character == "\b":
            self._place = max(0, self._place - 1)
        elif character == "\t":
            for _blank in range(8 - self._place % 8):
                self._put(" ")
        elif character.isprintable():
            line = self.lines[-1]
            self.lines[-1] = line[: self._place] + character + line[self._place + 1 :]
            self._place += 1


def bytes_of(key: str) -> bytes:
    """What a terminal sends for a key of urwid's; nothing for those that it has none for."""
    if key in _BYTES:
        return _BYTES[key]
    if key.startswith("ctrl ") and len(key) == 6 and "a" <= key[5] <= "z":
        return bytes((ord(key[5]) - 96,))
    return key.encode() if len(key) == 1 else b""


class ConsoleView(urwid.WidgetWrap[Any]):
    """The console, from :meth:`begin` on. Ctrl-] leaves it, and so does Esc twice."""

    def __init__(self, tasks: Tasks, console: Console, on_leave: Callable[[], None]) -> None:
        """``on_leave`` is called once it is closed."""
        self._tasks = tasks
        self._console = console
        self._on_leave = on_leave
        self._is_open = True
        self._last_key = ""
        self.transcript = Transcript()
        self._walker: urwid.SimpleFocusListWalker[Any] = urwid.SimpleFocusListWalker([])
        self._list: urwid.ListBox[Any] = urwid.ListBox(self._walker)
        self._foot = urwid.Text(("dim", _("Ctrl-] leaves this console, and so does Esc twice.")))
        self._show()
        super().__init__(urwid.Frame(self._list, footer=self._foot))

    def selectable(self) -> bool:
        """Always: it takes every key."""
        return True

    def begin(self) -> None:
        """Follow what is said."""
        self._console.write(b"\r")  # a console that waits shows its prompt again
        threading.Thread(target=self._follow, name="console", daemon=True).start()

    def _follow(self) -> None:
        """In a thread of its own: it has no end that anything could wait for."""
        while self._is_open:
            data = self._console.read(_TURN)
            if data is None:
                self._tasks.call(self._ended)
                return
            if data:
                self._tasks.call(partial(self._heard, data))

    def _heard(self, data: bytes) -> None:
        self.transcript.feed(data)
        self._show()

    def _ended(self) -> None:
        if self._is_open:
            self._foot.set_text(("warning", _("The guest has ended. Esc twice leads back.")))

    def _show(self) -> None:
        self._walker[:] = [urwid.Text(line or " ", wrap="any") for line in self.transcript.lines]
        self._walker.set_focus(len(self._walker) - 1)

    def close(self) -> None:
        """Leave the console to others."""
        if self._is_open:
            self._is_open = False
            self._console.close()

    def keypress(self, size: Any, key: str) -> str | None:
        """Keys go to the guest, but for those that leave, and paging through what was said."""
        if key in _LEAVE or (key == "esc" and self._last_key == "esc"):
            self.close()
            self._on_leave()
            return None
        self._last_key = key
        if key in ("page up", "page down"):
            self._list.keypress((size[0], max(1, size[1] - 1)), key)
            return None
        typed = bytes_of(key)
        if not typed:
            return key
        if self._is_open:
            self._console.write(typed)
        return None
