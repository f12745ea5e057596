"""Lines for things that were looked at: the mark of their state, what they are, why, what to do."""

from __future__ import annotations

from typing import Any

import urwid

from config_tui.kit import theme
from config_tui.kit.said import said
from config_tui.kit.text import cell_width

_MARK = 3
_NAME = 19
SEVERITY = ("failed", "warning", "unknown", "ok")


def check_line(state: str, name: str, reason: str, remedy: str = "") -> urwid.Widget:
    """One line of what the host says; the remedy only where something is wrong.

    A name of several words wraps; a word that is too long for that has a line of its own.
    """
    name = said(name)
    words: list[Any] = [said(reason)]
    if remedy and state != "ok":
        words.append(("dim", f"\n{said(remedy)}"))
    mark = urwid.Text((state, theme.current().mark(state)))
    if max((cell_width(word) for word in name.split()), default=0) <= _NAME:
        return urwid.Columns([(_MARK, mark), (_NAME, urwid.Text(name)), _indented(words, 1)])
    heading = urwid.Columns([(_MARK, mark), urwid.Text(name)])
    return urwid.Pile([heading, _indented(words, _MARK + _NAME + 1)])


def _indented(words: list[Any], cells: int) -> urwid.Widget:
    return urwid.Padding(urwid.Text(words), left=cells)
