"""Texts measured in terminal cells, and quantities in the words that people use.

A character may take two cells (Chinese, Japanese) or none (combining marks), so widths never come
from ``len``.
"""

from __future__ import annotations

from urwid import calc_text_pos, calc_width

from config_tui.kit.language import translate


def _(message: str) -> str:
    """``message`` in the language of the screen; every text shown goes through it."""
    return translate(message)


def N_(message: str) -> str:
    """Marks a text of a table for translation; ``_`` translates it when it is shown."""
    return message


def cell_width(text: str) -> int:
    """How many terminal cells ``text`` takes."""
    return calc_width(text, 0, len(text))


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """``text`` in at most ``width`` cells; what does not fit gives way to ``ellipsis``."""
    if cell_width(text) <= width:
        return text
    room = width - cell_width(ellipsis)
    if room < 0:
        return ellipsis[:width]
    end, _cells = calc_text_pos(text, 0, len(text), room)
    return text[:end] + ellipsis


def pad(text: str, width: int, *, right: bool = False, ellipsis: str = "…") -> str:
    """``text`` in exactly ``width`` cells; ``right`` puts the blanks in front."""
    text = cut(text, width, ellipsis)
    blanks = " " * (width - cell_width(text))
    return blanks + text if right else text + blanks


def bytes_in_words(count: float) -> str:
    """A number of bytes in binary units, with three significant digits: ``1.46 GiB``."""
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if count < 1024 or unit == "TiB":
            break
        count /= 1024
    if unit == "bytes":
        return f"{count:.0f} {unit}"
    decimals = 2 if count < 10 else 1 if count < 100 else 0
    return f"{count:.{decimals}f} {unit}"


def duration_in_words(seconds: float) -> str:
    """A duration with its two largest units: ``3 d 4 h``, ``2 min 5 s``."""
    left = max(0, round(seconds))
    parts: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}")
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts)
