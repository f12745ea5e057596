"""Texts for terminals that only show ASCII: the nearest sign for each character, same width."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

from urwid import calc_width

_NEAREST = {
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
    "‘": "'",
    "’": "'",
    "…": ".",
    "–": "-",
    "—": "-",
    "−": "-",
    "•": "*",
    "·": "-",
    "¿": "?",
    "¡": "!",
    "°": "o",
    "→": ">",
    "\N{NO-BREAK SPACE}": " ",
}


def to_ascii(text: str) -> str:
    """``text`` in ASCII, in as many cells as before; what has no likeness becomes ``?``."""
    return text if text.isascii() else "".join(map(_sign, text))


@cache
def _sign(character: str) -> str:
    if character.isascii():
        return character
    width = calc_width(character, 0, 1)
    base = unicodedata.normalize("NFKD", character)[:1]
    nearest = _NEAREST.get(character) or (base if base.isascii() and base.isprintable() else "?")
    return (nearest * width)[:width]


class AsciiCanvas:
    """A canvas whose content is in ASCII; for the screen only, which draws it as any other."""

    def __init__(self, canvas: Any) -> None:
        """``canvas`` holds UTF-8."""
        self._canvas = canvas

    def __getattr__(self, name: str) -> Any:
        """Everything but the content is the canvas's own."""
        return getattr(self._canvas, name)

    def content(self, *args: Any, **options: Any) -> Iterator[list[tuple[Any, Any, bytes]]]:
        """The rows."""
        for row in self._canvas.content(*args, **options):
            yield [
                (attribute, charset, to_ascii(text.decode("utf-8", "replace")).encode())
                for attribute, charset, text in row
            ]
