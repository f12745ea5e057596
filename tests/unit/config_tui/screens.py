"""Screens as text, and keys, without a terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import urwid

from config_tui.application import Application
from config_tui.kit import theme
from config_tui.kit.ascii_text import to_ascii
from config_tui.page import Page, all_pages
from host.audit import Actor
from host.backends.simulated.backend import SimulatedHost

EXAMPLES = Path(__file__).parents[3] / "host/backends/simulated/examples"
NODE = EXAMPLES / "node.json"
PASSWORD = "flexvdi"


class Driver:
    """An application on a simulated machine, its keys and its picture at one size."""

    def __init__(
        self, size: tuple[int, int] = (80, 24), machine: str = "node", **options: Any
    ) -> None:
        urwid.set_encoding("utf-8")
        self.host = SimulatedHost(EXAMPLES / f"{machine}.json")
        self.now = 0.0
        self.application = Application(
            self.host, Actor("nobody", "test"), clock=lambda: self.now, **options
        )
        self.size = size
        self._drawn: Any = None

    @property
    def pages(self) -> list[Page]:
        """Every page that can be entered."""
        return [page for page in all_pages(self.application.navigation.pages) if page.open]

    def look(self) -> Driver:
        """Have the host looked at, and what is running in the background end."""
        self.application.look()
        return self.settle()

    def settle(self) -> Driver:
        """Wait for what is running in the background."""
        self.application.tasks.settle()
        return self

    def tick(self) -> Driver:
        """A second passes."""
        self.application.pending_watch.tick()
        return self.settle()

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
        self.press("f2").type(PASSWORD).press("enter")
        return self.settle()

    def as_root(self) -> Driver:
        """Be logged in, without walking through the box for it."""
        self.application.user = "root"
        self.application.rebuild()
        return self

    def go(self, page: str) -> Driver:
        """Enter a page by its name."""
        self.application.go(page)
        return self.settle()

    def pass_over(self, page: str) -> Driver:
        """Stand on a page's entry in the menu."""
        self.go(page)
        if self.application.hub.in_pane:
            self.application.hub.leave()
        return self.settle()

    def stand_on(self, page: str) -> Driver:
        """Go down the menu to a page's entry, and wait for nothing."""
        for _step in self.application.navigation.level:
            if self.application.page.name == page:
                return self
            self.press("down")
        raise AssertionError(f"no entry {page!r}:\n{self.text()}")

    def push(self, label: str) -> Driver:
        """Press the button with that label, wherever on the screen it is."""
        for _step in range(60):
            self.canvas()
            button = focused_button(self.application.stack)
            if button is not None and button.label == label:
                return self.press("enter").settle()
            self.press("tab")
        raise AssertionError(f"no button {label!r}:\n{self.text()}")

    def canvas(self) -> Any:
        """What is drawn, and kept until the next drawing, as a terminal's screen keeps it.

        urwid draws anew only what has changed since: a widget that forgets to say so is seen here
        as it would be on a terminal, and the rest costs nothing.
        """
        self._drawn = self.application.root.render(self.size, focus=True)
        return self._drawn

    def lines(self) -> list[str]:
        lines = [line.decode() for line in self.canvas().text]
        return (
            [to_ascii(line) for line in lines] if theme.current().glyphs is theme.ASCII else lines
        )

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines()) + "\n"

    def words(self) -> str:
        """The text on one line, without frames: for what may be wrapped."""
        return plain_words(self.text())


def plain_words(text: str) -> str:
    """A screen's text on one line, without frames."""
    return " ".join(re.sub("[│┌┐└┘─|+]|-{3,}", " ", text).split())


def focused_button(stack: Any) -> Any:
    """The button that has the focus, if one has it."""
    from config_tui.kit.dialog import Button
    from config_tui.kit.panel import ButtonFlow

    widget: Any = stack
    for _depth in range(80):
        if isinstance(widget, Button):
            return widget
        if isinstance(widget, ButtonFlow):
            return widget.buttons[widget.place]
        following = next_in_focus(widget)
        if following is None or following is widget:
            return None
        widget = following
    return None


def next_in_focus(widget: Any) -> Any:
    """What the focus of ``widget`` leads to."""
    from config_tui.frame import Hub

    if isinstance(widget, Hub):
        return widget.pane if widget.in_pane else widget.menu
    for name in ("original_widget", "_w", "focus"):
        found = getattr(widget, name, None)
        if found is not None and found is not widget:
            return found
    return None


def use_look(name: str) -> None:
    theme.use(theme.Theme() if name == "unicode" else theme.Theme(theme.ASCII, 1))
