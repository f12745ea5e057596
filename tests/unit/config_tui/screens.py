"""Screens as text, and keys, without a terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import urwid

from config_tui.application import Application
from config_tui.kit import theme
from host.audit import Actor
from host.backends.simulated.backend import SimulatedHost

NODE = Path(__file__).parents[3] / "host/backends/simulated/examples/node.json"


class Driver:
    """An application on the simulated machine, its keys and its picture at one size."""

    def __init__(self, size: tuple[int, int] = (80, 24), **options: Any) -> None:
        urwid.set_encoding("utf-8")
        self.host = SimulatedHost(NODE)
        self.now = 0.0
        self.application = Application(
            self.host, Actor("nobody", "test"), clock=lambda: self.now, **options
        )
        self.size = size

    def look(self) -> Driver:
        """Have the host looked at, and what is running in the background end."""
        self.application.look()
        self.application.tasks.settle()
        return self

    def press(self, *keys: str) -> Driver:
        """Press keys as the main loop would pass them on."""
        for key in keys:
            self.canvas()
            left = self.application.root.keypress(self.size, key)
            if left is not None:
                self.application.unhandled(left)
        return self

    def type(self, text: str) -> Driver:
        return self.press(*text)

    def log_in(self) -> Driver:
        self.press("f2").type("flexvdi").press("enter")
        self.application.tasks.settle()
        return self

    def canvas(self) -> Any:
        return self.application.root.render(self.size, focus=True)

    def lines(self) -> list[str]:
        return [line.decode() for line in self.canvas().text]

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines()) + "\n"

    def words(self) -> str:
        """The text on one line, without frames: for what may be wrapped."""
        return " ".join(re.sub("[│┌┐└┘─]", " ", self.text()).split())


def use_look(name: str) -> None:
    theme.use(theme.Theme() if name == "unicode" else theme.Theme(theme.ASCII, 1))
