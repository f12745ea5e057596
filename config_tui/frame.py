"""The frame of the screen: header, menu beside the pane, message line, keys; and its small forms.

Below 72 columns the menu and the pane take turns; below 40x12 there is only a message.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import urwid

from config_tui.kit import theme
from config_tui.kit.dialog import Button
from config_tui.kit.text import _, cell_width, cut, pad

log = logging.getLogger("flexvdi.screen")

LEAST_SIZE = (40, 12)
_BOTH_FROM = 72
_MENU_WIDTH = 18


class Menu(urwid.WidgetWrap[Any]):
    """The list of pages; ``on_passed`` is called when the focus moves, ``on_entered`` on Enter."""

    def __init__(
        self, titles: Sequence[str], on_passed: Callable[[], None], on_entered: Callable[[], None]
    ) -> None:
        """``titles`` in their order."""
        self._texts = [urwid.SelectableIcon("", 0) for _title in titles]
        self._maps = [urwid.AttrMap(text, "menu", "focus") for text in self._texts]
        self._list: urwid.ListBox[Any] = urwid.ListBox(urwid.SimpleFocusListWalker(self._maps))
        self._on_passed = on_passed
        self._on_entered = on_entered
        super().__init__(self._list)
        self.set_titles(titles)

    @property
    def position(self) -> int:
        """The place of the entry in focus."""
        place: int = self._list.focus_position
        return place

    def go_to(self, place: int) -> None:
        """Move the focus."""
        self._list.focus_position = place

    def set_titles(self, titles: Sequence[str]) -> None:
        """Change the words of the entries."""
        for text, title in zip(self._texts, titles, strict=True):
            text.set_text(f"  {title}")

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        """Mark the current entry with a glyph, for screens without colour."""
        for place, (text, shown) in enumerate(zip(self._texts, self._maps, strict=True)):
            mark = theme.current().glyphs.chosen if place == self.position else " "
            words = f"{mark}{str(text.text)[1:]}"
            if words != text.text:
                text.set_text(words)
            shown.attr_map = {None: "menu.current" if place == self.position else "menu"}
        canvas: urwid.Canvas = super().render(size, focus)
        return canvas

    def keypress(self, size: Any, key: str) -> str | None:
        """Enter, right and Tab enter the page."""
        if key in ("enter", "right", "tab"):
            self._on_entered()
            return None
        before = self.position
        left: str | None = super().keypress(size, key)
        if self.position != before:
            self._on_passed()
        return left


class Hub(urwid.Widget):
    """Menu and pane side by side, or one of them where there is no room for both."""

    _sizing = frozenset([urwid.BOX])
    _selectable = True

    def __init__(self, menu: Menu) -> None:
        """Start in the menu, with an empty pane."""
        super().__init__()
        self.menu = menu
        self.pane: Any = urwid.SolidFill(" ")
        self.in_pane = False

    def show(self, pane: Any, *, enter: bool) -> None:
        """Put ``pane`` on the right; ``enter`` gives it the keyboard."""
        self.pane = pane
        self.in_pane = enter
        self._invalidate()

    def _columns(self) -> urwid.Columns:
        line = theme.current().glyphs.vertical
        parts: list[Any] = [
            (_MENU_WIDTH, self.menu),
            (1, urwid.AttrMap(urwid.SolidFill(line), "rule")),
            urwid.Padding(self.pane, left=1),
        ]
        return urwid.Columns(parts, focus_column=2 if self.in_pane else 0)

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        """Draw what fits."""
        if size[0] >= _BOTH_FROM:
            return urwid.CompositeCanvas(self._columns().render(size, focus))
        shown = self.pane if self.in_pane else self.menu
        return urwid.CompositeCanvas(shown.render(size, focus))

    def keypress(self, size: Any, key: str) -> str | None:
        """Keys go to the menu or to the pane; Esc and left lead back to the menu."""
        columns, rows = size
        if not self.in_pane:
            width = _MENU_WIDTH if columns >= _BOTH_FROM else columns
            return self.menu.keypress((width, rows), key)
        width = columns - _MENU_WIDTH - 2 if columns >= _BOTH_FROM else columns
        left: str | None = key
        if self.pane.selectable():
            left = self.pane.keypress((width, rows), key)
        if left in ("esc", "left", "shift tab"):
            self.in_pane = False
            self._invalidate()
            return None
        return left


class Boundary(urwid.WidgetWrap[Any]):
    """Holds a page; when it breaks, an error page takes its place and the rest goes on."""

    def __init__(self, build: Callable[[], Any], on_restart: Callable[[], None]) -> None:
        """``build`` makes the page; ``on_restart`` is called when the person asks for a new one."""
        self._on_restart = on_restart
        self.broken = False
        try:
            page = build()
        except Exception as error:
            page = self._error_page(error)
        super().__init__(page)

    @property
    def page(self) -> Any:
        """The page's widget."""
        return self._w

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        """Draw the page, or the error page in its place."""
        try:
            canvas: urwid.Canvas = super().render(size, focus)
        except Exception as error:
            if self.broken:
                raise
            self._w = self._error_page(error)
            canvas = super().render(size, focus)
        return canvas

    def keypress(self, size: Any, key: str) -> str | None:
        """Pass the key on."""
        try:
            left: str | None = super().keypress(size, key)
        except Exception as error:
            if self.broken:
                raise
            self._w = self._error_page(error)
            left = None
        return left

    def _error_page(self, error: Exception) -> Any:
        log.exception("a page broke")
        self.broken = True
        restart = Button(_("Restart this page"), self._on_restart)
        mark = theme.current().glyphs.warning
        rows: list[Any] = [
            urwid.Text(("error", f"{mark} {_('This page stopped working')}.")),
            urwid.Divider(),
            urwid.Text(f"{type(error).__name__}: {error}"),
            urwid.Divider(),
            urwid.Text(_("This is a defect in flexVDI Config; the host is not affected.")),
            urwid.Text(("dim", f"{_('Log')}: journalctl -t flexvdi-config")),
            urwid.Divider(),
            urwid.Padding(restart, width=restart.width),
        ]
        return urwid.ListBox(urwid.SimpleFocusListWalker(rows))


class Bar(urwid.Widget):
    """One line whose text is made for the width at hand."""

    _sizing = frozenset([urwid.FLOW])
    _selectable = False

    def __init__(self, attribute: str, words: Callable[[int], str]) -> None:
        """``words`` gets the cells there are."""
        super().__init__()
        self._attribute = attribute
        self._words = words

    def refresh(self) -> None:
        """Ask for the words again at the next drawing."""
        self._invalidate()

    def rows(self, size: Any, focus: bool = False) -> int:
        """One."""
        return 1

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        """The line, padded."""
        words = pad(self._words(size[0]), size[0], ellipsis=theme.current().glyphs.ellipsis)
        return urwid.CompositeCanvas(urwid.Text((self._attribute, words), wrap="clip").render(size))


def header_line(name: str, version: str, host: str, address: str, width: int) -> str:
    """Name and version on the left, host and address on the right; the host wins over the rest."""
    left = f" {name} {version}"
    right = f"{host}  {address} "
    if cell_width(left) + cell_width(right) + 2 > width:
        left, right = f" {name}", f"{host} "
    room = width - cell_width(left)
    return left + pad(cut(f"  {right}", room), room, right=True)


class SizeGuard(urwid.WidgetWrap[Any]):
    """Shows a message instead of its widget where the screen is too small to be used."""

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        """The widget or the message."""
        if size[0] >= LEAST_SIZE[0] and size[1] >= LEAST_SIZE[1]:
            canvas: urwid.Canvas = super().render(size, focus)
            return canvas
        words = _("flexVDI Config needs {a}x{b}, this screen has {c}x{d}.").format(
            a=LEAST_SIZE[0], b=LEAST_SIZE[1], c=size[0], d=size[1]
        )
        return urwid.CompositeCanvas(urwid.Filler(urwid.Text(words), "top").render(size))

    def keypress(self, size: Any, key: str) -> str | None:
        """Keys do nothing where nothing is shown."""
        if size[0] < LEAST_SIZE[0] or size[1] < LEAST_SIZE[1]:
            return key
        left: str | None = super().keypress(size, key)
        return left
