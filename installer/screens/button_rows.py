"""Buttons in as many rows as the width needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import urwid

from config_tui.kit.dialog import Button, button_row

_GAP = 2


class ButtonRows(urwid.WidgetWrap[Any]):
    """A flow widget that breaks a row of buttons where the screen ends."""

    def __init__(self, buttons: Sequence[Button]) -> None:
        """The first button has the focus; there must be one."""
        self._buttons = list(buttons)
        self._width = 0
        self._rows: list[list[Button]] = []
        self._lines: list[urwid.Columns] = []
        self._pile = urwid.Pile([])
        super().__init__(self._pile)
        self._fit(80)

    def sizing(self) -> frozenset[urwid.Sizing]:
        """As wide as it is told."""
        return frozenset([urwid.Sizing.FLOW])

    def selectable(self) -> bool:
        """Buttons take keys."""
        return True

    def rows(self, size: Any, focus: bool = False) -> int:
        """One line for each row."""
        self._fit(size[0])
        return len(self._rows)

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        """Break the row for this width, then draw."""
        self._fit(size[0])
        canvas: urwid.Canvas = super().render(size, focus)
        return canvas

    def keypress(self, size: Any, key: str) -> str | None:
        """Left and right also lead from one row to the next."""
        if key in ("left", "right"):
            self.move(1 if key == "right" else -1)
            return None
        left: str | None = super().keypress(size, key)
        return left

    def move(self, step: int) -> None:
        """Go round the buttons."""
        self._focus((self._place() + step) % len(self._buttons))

    def _place(self) -> int:
        row = self._pile.focus_position
        return sum(len(buttons) for buttons in self._rows[:row]) + self._lines[row].focus_position

    def _focus(self, place: int) -> None:
        for row, buttons in enumerate(self._rows):
            if place < len(buttons):
                self._pile.focus_position = row
                self._lines[row].focus_position = place
                return
            place -= len(buttons)

    def _fit(self, width: int) -> None:
        if width == self._width:
            return
        place = self._place() if self._rows else 0
        self._width = width
        self._rows = [[]]
        used = 0
        for button in self._buttons:
            if self._rows[-1] and used + _GAP + button.width > width:
                self._rows.append([])
                used = 0
            used += button.width + (_GAP if self._rows[-1] else 0)
            self._rows[-1].append(button)
        self._lines = [button_row(buttons) for buttons in self._rows]
        self._pile.contents = [(line, self._pile.options("pack")) for line in self._lines]
        self._focus(place)
