"""A table of things to choose from: columns that shrink, rows that can be opened or ticked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import urwid

from config_tui.kit import theme
from config_tui.kit.text import cell_width, pad

_GAP = 2


@dataclass(frozen=True)
class Column:
    """``least`` cells it must keep; ``right`` aligns numbers; ``optional`` ones go first."""

    title: str
    least: int = 4
    right: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Row:
    """``key`` names the row to who listens; a ``reason`` says why it cannot be chosen."""

    key: str
    cells: tuple[str, ...]
    reason: str = ""


def column_widths(columns: Sequence[Column], rows: Sequence[Row], width: int) -> list[int]:
    """Cells for each column so that the line fits in ``width``; 0 leaves a column out.

    Optional columns go first, from the right; then the widest columns shrink to their least.
    """
    wanted = [
        max([cell_width(column.title)] + [cell_width(row.cells[place]) for row in rows])
        for place, column in enumerate(columns)
    ]

    def total() -> int:
        shown = [cells for cells in wanted if cells]
        return sum(shown) + _GAP * max(0, len(shown) - 1)

    for place in reversed(range(len(columns))):
        if total() > width and columns[place].optional:
            wanted[place] = 0
    while total() > width:
        able = [p for p, column in enumerate(columns) if wanted[p] > column.least]
        if not able:
            break
        widest = max(able, key=lambda place: wanted[place])
        wanted[widest] -= 1
    return wanted


class Table(urwid.WidgetWrap[Any]):
    """Rows under a heading. Enter opens a row; with ``ticked`` given, space ticks it."""

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[Row],
        *,
        on_open: Callable[[str], None] | None = None,
        ticked: set[str] | None = None,
        on_ticked: Callable[[set[str]], None] = lambda ticked: None,
    ) -> None:
        """``ticked`` is the set of row keys ticked at first; it is changed in place."""
        self._columns = tuple(columns)
        self._rows = tuple(rows)
        self._on_open = on_open
        self._on_ticked = on_ticked
        self.ticked = ticked
        self._heading = urwid.Text("", wrap="clip")
        self._lines = [_Line(row, self._pressed) for row in self._rows]
        self._list: urwid.ListBox[Any] = urwid.ListBox(
            urwid.SimpleFocusListWalker(list(self._lines))
        )
        super().__init__(
            urwid.Pile([("pack", urwid.AttrMap(self._heading, "dim")), self._list], focus_item=1)
        )

    @property
    def focus_key(self) -> str | None:
        """The key of the row in focus."""
        return self._rows[self._list.focus_position].key if self._rows else None

    def go_to(self, key: str) -> None:
        """Give the row with this key the focus, if there is one."""
        for place, row in enumerate(self._rows):
            if row.key == key:
                self._list.focus_position = place

    def _pressed(self, row: Row, key: str) -> bool:
        if key == " " and self.ticked is not None and not row.reason:
            self.ticked.symmetric_difference_update({row.key})
            self._on_ticked(self.ticked)
            self._invalidate()
            return True
        if key == "enter" and self._on_open is not None and not row.reason:
            self._on_open(row.key)
            return True
        return False

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        """Lay the cells out for the width at hand."""
        boxes = 0 if self.ticked is None else 4
        widths = column_widths(self._columns, self._rows, size[0] - boxes)
        titles = [column.title for column in self._columns]
        self._heading.set_text(" " * boxes + self._line(titles, widths))
        for line in self._lines:
            box = ""
            if self.ticked is not None:
                tick = "x" if line.row.key in self.ticked else " "
                box = "    " if line.row.reason else f"[{tick}] "
            text = box + self._line(line.row.cells, widths)
            reason = f"\n{' ' * boxes}{line.row.reason}" if line.row.reason else ""
            line.show(text, reason)
        canvas: urwid.Canvas = super().render(size, focus)
        return canvas

    def _line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        ellipsis = theme.current().glyphs.ellipsis
        return (" " * _GAP).join(
            pad(cell, width, right=column.right, ellipsis=ellipsis)
            for cell, width, column in zip(cells, widths, self._columns, strict=True)
            if width
        )


class _Line(urwid.WidgetWrap[Any]):
    """One row; it passes its keys on."""

    def __init__(self, row: Row, pressed: Callable[[Row, str], bool]) -> None:
        self.row = row
        self._pressed = pressed
        self._icon = urwid.SelectableIcon("", 0)
        super().__init__(urwid.AttrMap(self._icon, "dim" if row.reason else "body", "focus"))

    def show(self, text: str, reason: str) -> None:
        markup: Any = [text, ("help", reason)] if reason else text
        if (text + reason) != self._icon.text:
            self._icon.set_text(markup)

    def keypress(self, size: Any, key: str) -> str | None:
        return None if self._pressed(self.row, key) else key
