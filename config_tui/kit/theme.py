"""Colours, monochrome attributes and glyphs: everything that depends on what a terminal can show.

Colour never carries a meaning alone: what is wrong has a mark (``!``) as well, so that the
monochrome and ASCII looks say the same as the coloured one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Glyphs:
    """The characters that are not letters; all of them are in the Linux console's font."""

    horizontal: str
    vertical: str
    top_left: str
    top_right: str
    bottom_left: str
    bottom_right: str
    ellipsis: str
    ok: str
    warning: str
    failed: str
    unknown: str
    chosen: str
    bar_done: str
    bar_left: str
    separator: str


UNICODE = Glyphs("─", "│", "┌", "┐", "└", "┘", "…", "•", "!", "!!", "?", "►", "█", "░", "·")
ASCII = Glyphs("-", "|", "+", "+", "+", "+", "...", "*", "!", "!!", "?", ">", "#", ".", "-")

PaletteEntry = tuple[str, str, str, str]
"""Name, foreground, background, monochrome attributes: urwid's order."""

PALETTE: tuple[PaletteEntry, ...] = (
    ("body", "default", "default", "default"),
    ("dim", "dark gray", "default", "default"),
    ("heading", "default,bold", "default", "bold"),
    ("header", "white", "dark blue", "standout"),
    ("crumbs", "dark cyan", "default", "default"),
    ("added", "dark green", "default", "default"),
    ("removed", "light red", "default", "default"),
    ("rule", "dark blue", "default", "default"),
    ("keys", "light gray", "dark blue", "standout"),
    ("message", "default", "default", "default"),
    ("menu", "default", "default", "default"),
    ("menu.current", "default,bold", "default", "bold"),
    ("focus", "white,bold", "dark cyan", "standout"),
    ("ok", "dark green", "default", "default"),
    ("warning", "brown", "default", "bold"),
    ("failed", "light red", "default", "bold"),
    ("unknown", "dark gray", "default", "default"),
    ("label", "default", "default", "default"),
    ("field", "default,underline", "default", "underline"),
    ("field.focus", "black", "light gray", "standout"),
    ("field.wrong", "light red,underline", "default", "underline"),
    ("error", "light red", "default", "bold"),
    ("help", "dark cyan", "default", "default"),
    ("button", "default", "default", "default"),
    ("button.focus", "white,bold", "dark cyan", "standout"),
    ("button.off", "dark gray", "default", "default"),
    ("dialog", "default", "default", "default"),
    ("dialog.title", "default,bold", "default", "bold"),
    ("bar.done", "white", "dark blue", "standout"),
    ("bar.left", "default", "default", "default"),
)

MARK_OF_STATE: Mapping[str, str] = {
    "ok": "ok",
    "warning": "warning",
    "failed": "failed",
    "unknown": "unknown",
}

_WITHOUT_ATTRIBUTES = ("dumb", "unknown", "")
_PLAIN_TERMINALS = ("vt52", "vt100", "vt102", "vt220", "vt320", "ansi", "vt100-nav", "vt220-8bit")


@dataclass(frozen=True)
class Theme:
    """A look: its glyphs and its number of colours (16, or 1 for monochrome)."""

    glyphs: Glyphs = UNICODE
    colors: Literal[1, 16] = 16

    @property
    def palette(self) -> tuple[PaletteEntry, ...]:
        """The palette to hand to urwid; it picks the colour or the monochrome part itself."""
        return PALETTE

    def mark(self, state: str) -> str:
        """Two cells that show ``state`` (ok, warning, failed, unknown) without colour."""
        glyph = getattr(self.glyphs, MARK_OF_STATE.get(state, "unknown"))
        return f"{glyph:>2}"


def theme_for(terminal: str, encoding: str) -> Theme:
    """The look for a terminal of type ``terminal`` (TERM) under a locale with ``encoding``.

    Terminals of the VT family are what gettys assume on serial lines: there the look is
    monochrome and ASCII, which any program at the other end of the line shows right.
    """
    name = terminal.lower()
    plain = name in _WITHOUT_ATTRIBUTES or name in _PLAIN_TERMINALS
    unicode = encoding.lower().replace("-", "") == "utf8" and not plain
    return Theme(UNICODE if unicode else ASCII, 1 if plain else 16)


_current = Theme()


def current() -> Theme:
    """The look of this process's screen."""
    return _current


def use(theme: Theme) -> None:
    """Set the look, before widgets are built."""
    global _current
    _current = theme
