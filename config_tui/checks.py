"""Lines for things that were looked at: the mark of their state, what they are, why, what to do."""

from __future__ import annotations

from typing import Any

import urwid

from config_tui.kit import theme

_NAME = 20
SEVERITY = ("failed", "warning", "unknown", "ok")


def check_line(state: str, name: str, reason: str, remedy: str = "") -> urwid.Widget:
    """One line; the remedy only where something is wrong."""
    words: list[Any] = [reason]
    if remedy and state != "ok":
        words.append(("dim", f"\n{remedy}"))
    return urwid.Columns(
        [
            (3, urwid.Text((state, theme.current().mark(state)))),
            (_NAME, urwid.Text(name, wrap="clip")),
            urwid.Text(words),
        ]
    )
