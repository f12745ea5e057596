"""The frame of the screen: header, menu beside the pane, message line, keys; and its small forms.

Below 72 columns the menu and the pane take turns; below 40x12 there is only a message.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import urwid

from config_tui.kit import theme
from config_tui.kit.dialog import Button
from config_tui.kit.text import _, cell_width, cut, pad
from foundation.secret import mask_living

log = logging.getLogger("flexvdi.screen")

LEAST_SIZE = (40, 12)
_BOTH_FROM = 72
_MENU_WIDTH = 18


@runtime_checkable
class Holding(Protocol):
    """A page that holds something of the host, as a connection, while it is shown."""

    def close(self) -> None:
        """Let go of it; nothing happens the second time."""


class Menu(urwid.WidgetWrap[Any]):
    """The entries of one level; ``on_passed`` is called when the focus moves, ``on_entered`` on
    Enter, ``on_left`` when the person goes back to the level above.
    """

    def __init__(
        self,
        on_passed: Callable[[], None],
        on_entered: Callable[[], None],
        on_left: Callable[[], bool],
    ) -> None:
        """Start empty. ``on_left`` returns whether there was a level above."""
        self._heading = urwid.Text("", wrap="clip")
        self._walker: urwid.SimpleFocusListWalker[Any] = urwid.SimpleFocusListWalker([])
        self._list: urwid.ListBox[Any] = urwid.ListBox(self._walker)
        self._titles: list[str] = []
        self._on_passed = on_passed
        self._on_entered = on_entered
        self._on_left = on_left
        super().__init__(self._list)

    @property
    def position(self) -> int:
        """The place of the entry in focus."""
        return int(self._list.focus_position) if self._titles else 0

    def set_titles(
        self, titles: Sequence[str], heading: str = "", place: int | None = None
    ) -> None:
        """Show other entries, or the same with other words; ``heading`` names an area.

        ``place`` gives an entry the focus; None leaves it where it is.
        """
        if place is None:
            place = min(self.position, len(titles) - 1)
        if len(titles) != len(self._titles) or heading != self._heading.text.strip():
            self._walker[:] = [
                urwid.AttrMap(urwid.SelectableIcon("", 0), "menu", "focus") for _title in titles
            ]
            self._heading.set_text(("heading", f" {heading}"))
            parts: list[Any] = [("pack", self._heading), ("pack", urwid.Divider())]
            self._w = urwid.Pile([*parts, self._list], focus_item=2) if heading else self._list
        self._titles = list(titles)
        self._list.focus_position = place
        self._invalidate()

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        """Mark the current entry with a glyph, for screens without colour."""
        glyphs = theme.current().glyphs
        for place, (title, shown) in enumerate(zip(self._titles, self._walker, strict=True)):
            mark = glyphs.chosen if place == self.position else " "
            words = cut(f"{mark} {title}", size[0], glyphs.ellipsis)
            text = shown.original_widget
            if words != text.text:
                text.set_text(words)
            shown.attr_map = {None: "menu.current" if place == self.position else "menu"}
        canvas: urwid.Canvas = super().render(size, focus)
        return canvas

    def keypress(self, size: Any, key: str) -> str | None:
        """Enter, right and Tab enter; Esc and left go back to the level above."""
        if key in ("enter", "right", "tab"):
            self._on_entered()
            return None
        if key in ("esc", "left", "shift tab") and self._on_left():
            return None
        before = self.position
        left: str | None = super().keypress(size, key)
        if self.position != before:
            self._on_passed()
        return left


class Hub(urwid.Widget):
    """Menu and pane side by side, or one of them where there is no room for both.

    A ``wide`` pane takes the whole width while it has the keyboard.
    """

    _sizing = frozenset([urwid.BOX])
    _selectable = True

    def __init__(self, menu: Menu, on_back: Callable[[], None] = lambda: None) -> None:
        """Start in the menu, with an empty pane; ``on_back`` is called when the pane is left."""
        super().__init__()
        self.menu = menu
        self.pane: Any = urwid.SolidFill(" ")
        self.in_pane = False
        self.wide = False
        self._on_back = on_back

    def show(self, pane: Any, *, enter: bool, wide: bool = False) -> None:
        """Put ``pane`` on the right; ``enter`` gives it the keyboard.

        What was there is gone then, whichever way it was left, and lets go of what it holds.
        """
        before, self.pane = self.pane, pane
        if isinstance(before, Boundary) and before is not pane:
            before.let_go()
        self.in_pane = enter
        self.wide = wide and enter
        self._invalidate()

    def leave(self) -> None:
        """Give the keyboard back to the menu."""
        self.in_pane = self.wide = False
        self._invalidate()
        self._on_back()

    def _alone(self, columns: int) -> bool:
        return self.wide or columns < _BOTH_FROM

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
        if not self._alone(size[0]):
            return urwid.CompositeCanvas(self._columns().render(size, focus))
        shown = self.pane if self.in_pane else self.menu
        return urwid.CompositeCanvas(shown.render(size, focus))

    def keypress(self, size: Any, key: str) -> str | None:
        """Keys go to the menu or to the pane; Esc and left lead back to the menu."""
        columns, rows = size
        alone = self._alone(columns)
        if not self.in_pane:
            return self.menu.keypress((columns if alone else _MENU_WIDTH, rows), key)
        width = columns if alone else columns - _MENU_WIDTH - 2
        pane = self.pane
        left: str | None = key
        if pane.selectable():
            left = pane.keypress((width, rows), key)
        if left in ("esc", "left", "shift tab") and self.pane is pane and self.in_pane:
            self.leave()
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
        except Exception as error:  # of one page; the others go on, and this one is told about
            page = self._error_page(error)
        super().__init__(page)

    @property
    def page(self) -> Any:
        """The page's widget."""
        return self._w

    def let_go(self) -> None:
        """Have the page let go of what it holds, if it holds something (see :class:`Holding`)."""
        if isinstance(self._w, Holding):
            self._w.close()

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        """Draw the page, or the error page in its place."""
        try:
            canvas: urwid.Canvas = super().render(size, focus)
        except Exception as error:  # as above
            if self.broken:
                raise
            self._w = self._error_page(error)
            canvas = super().render(size, focus)
        return canvas

    def keypress(self, size: Any, key: str) -> str | None:
        """Pass the key on."""
        try:
            left: str | None = super().keypress(size, key)
        except Exception as error:  # as above
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
            urwid.Text(mask_living(f"{type(error).__name__}: {error}")),
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


def crumb_line(names: Sequence[str], right: str, width: int) -> str:
    """Where one is on the left, what is to be remembered on the right, which wins."""
    left = f" {' > '.join(names)}"
    room = width - cell_width(left) - 1
    if cell_width(right) > room:
        left = " "
        room = width - 2
    return left + pad(cut(right, room), room, right=True) + " "


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
