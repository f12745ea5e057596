"""What most pages are made of: words at the top, a table or lines below, and a row of buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import urwid

from config_tui.kit.dialog import Button
from config_tui.kit.text import cell_width

_GAP = 2


class ButtonFlow(urwid.Widget):
    """Buttons side by side, in as many lines as the width needs; arrows and Tab walk through."""

    _sizing = frozenset([urwid.FLOW])
    _selectable = True

    def __init__(self, buttons: Sequence[Button]) -> None:
        """At least one button."""
        super().__init__()
        self.buttons = list(buttons)
        self._width = 0
        self.place = 0
        self._lines: list[list[Button]] = []
        self._pile: Any = None

    def _lay_out(self, width: int) -> None:
        if width == self._width:
            return
        self._width = width
        self._lines = []
        room = 0
        for button in self.buttons:
            if room < button.width or not self._lines:
                self._lines.append([])
                room = width
            self._lines[-1].append(button)
            room -= button.width + _GAP
        lines = [
            urwid.Columns([(button.width, button) for button in line], dividechars=_GAP)
            for line in self._lines
        ]
        self._pile = urwid.Pile(lines)
        self.go_to(self.place)

    def go_to(self, place: int) -> None:
        """Give a button the focus."""
        self.place = place % len(self.buttons)
        if self._width:
            number = self.place
            for row, line in enumerate(self._lines):
                if number < len(line):
                    self._pile.focus_position = row
                    self._pile.contents[row][0].focus_position = number
                    break
                number -= len(line)
        self._invalidate()

    def rows(self, size: Any, focus: bool = False) -> int:
        """The lines the buttons take."""
        self._lay_out(size[0])
        return len(self._lines)

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        """Draw the buttons."""
        self._lay_out(size[0])
        return urwid.CompositeCanvas(self._pile.render(size, focus))

    def get_cursor_coords(self, size: Any) -> tuple[int, int] | None:
        """None: a button has a mark, not a cursor."""
        return None

    def keypress(self, size: Any, key: str) -> str | None:
        """Left and right walk; at the ends they go back to who holds the buttons."""
        self._lay_out(size[0])
        step = {"right": 1, "left": -1}.get(key, 0)
        if step and 0 <= self.place + step < len(self.buttons):
            self.go_to(self.place + step)
            return None
        if key in ("up", "down"):
            row = self._pile.focus_position + (1 if key == "down" else -1)
            if 0 <= row < len(self._lines):
                column = min(
                    self._pile.contents[self._pile.focus_position][0].focus_position,
                    len(self._lines[row]) - 1,
                )
                self.go_to(sum(len(line) for line in self._lines[:row]) + column)
                return None
            return key
        return self.buttons[self.place].keypress((size[0],), key)


class Panel(urwid.WidgetWrap[Any]):
    """Words, then a body that takes the height left, then buttons.

    The body may be a box widget (a Table) or a list of flow widgets, which scrolls.
    """

    def __init__(
        self,
        head: Sequence[Any] = (),
        body: Any = (),
        buttons: Sequence[Button] = (),
    ) -> None:
        """``head`` are flow widgets or texts."""
        self.body: Any = body
        if not isinstance(body, urwid.Widget):
            self.body = urwid.ListBox(urwid.SimpleFocusListWalker([as_widget(b) for b in body]))
        self.buttons = ButtonFlow(buttons) if buttons else None
        parts: list[Any] = [("pack", as_widget(part)) for part in head]
        self._body_place = len(parts)
        parts.append(self.body)
        if self.buttons is not None:
            parts += [("pack", urwid.Divider()), ("pack", self.buttons)]
        self._pile = urwid.Pile(parts, focus_item=self._body_place)
        if not self._body_takes_keys and self.buttons is not None:
            self._pile.focus_position = self._body_place + 2
        super().__init__(self._pile)

    @property
    def _body_takes_keys(self) -> bool:
        if isinstance(self.body, urwid.ListBox):
            walker: Any = self.body.body
            return any(widget.selectable() for widget in walker)
        return bool(self.body.selectable())

    def focus_buttons(self, place: int = 0) -> None:
        """Give a button the focus."""
        if self.buttons is not None:
            self._pile.focus_position = self._body_place + 2
            self.buttons.go_to(place)

    @property
    def on_buttons(self) -> bool:
        """Whether the buttons have the focus."""
        return bool(self._pile.focus_position > self._body_place)

    def selectable(self) -> bool:
        """Always: it scrolls, and Esc leaves it."""
        return True

    def keypress(self, size: Any, key: str) -> str | None:
        """Tab goes round between body and buttons; scrolling keys reach the body in any case."""
        if key in ("tab", "shift tab") and self._walk(1 if key == "tab" else -1):
            return None
        left: str | None = super().keypress(size, key)
        if left in ("up", "down", "page up", "page down") and not self._body_takes_keys:
            self.body.keypress((size[0], self._body_rows(size)), left)
            return None
        return left

    def _body_rows(self, size: Any) -> int:
        rows: list[int] = self._pile.get_item_rows(size, True)
        return max(1, rows[self._body_place])

    def _walk(self, step: int) -> bool:
        """Move to the next stop; False at the ends, where Tab means something to who is around."""
        count = len(self.buttons.buttons) if self.buttons is not None else 0
        stops = ([-1] if self._body_takes_keys else []) + list(range(count))
        if len(stops) < 2:
            return step > 0
        here = self.buttons.place if self.on_buttons and self.buttons is not None else -1
        place = stops.index(here) + step if here in stops else 0
        target = stops[place % len(stops)]
        if target < 0:
            self._pile.focus_position = self._body_place
        else:
            self.focus_buttons(target)
        return True


def as_widget(part: Any) -> Any:
    """A widget as it is; a text or urwid markup as a text that wraps."""
    return part if isinstance(part, urwid.Widget) else urwid.Text(part)


def labelled(label: str, value: Any, width: int = 18, attribute: str = "body") -> urwid.Widget:
    """A line with a dim label on the left and a value (text or markup) that wraps on the right."""
    text = urwid.Text((attribute, value) if isinstance(value, str) else value)
    cells = max(width, cell_width(label) + 1)
    return urwid.Columns([(cells, urwid.Text(("dim", label), wrap="clip")), text])
