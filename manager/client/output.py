"""Answers of the API for people: tables and lines. Programs ask for --json."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from manager.client.operation import Column

_GAP = "  "
_NARROWEST = 60
_SIZES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def print_json(value: Any) -> None:
    """``value`` as JSON on standard output."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(columns: Sequence[Column], items: Sequence[Any]) -> None:
    """``items`` in columns; cut to the terminal's width only where one is looking."""
    rows = [[_cell(column, item) for column in columns] for item in items]
    titles = [column.title for column in columns]
    widths = [
        max([len(title), *(len(row[place]) for row in rows)]) for place, title in enumerate(titles)
    ]
    limit = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for row in [titles, *rows]:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        line = _GAP.join(cells).rstrip()
        print(line[:limit] if limit >= _NARROWEST else line)


def print_facts(value: Any, indent: str = "") -> None:
    """One thing as lines of name and value, what is inside of it indented."""
    if not isinstance(value, dict):
        print(indent + _words(value))
        return
    width = max((len(name) for name in value), default=0)
    for key, inner in value.items():
        name = key.replace("_", " ")
        if isinstance(inner, dict) and inner:
            print(f"{indent}{name}:")
            print_facts(inner, indent + _GAP)
        elif isinstance(inner, list) and any(isinstance(item, dict) for item in inner):
            print(f"{indent}{name}:")
            for number, item in enumerate(inner):
                if number:
                    print()
                print_facts(item, indent + _GAP)
        else:
            print(f"{indent}{name.ljust(width)}{_GAP}{_words(inner)}")


def _cell(column: Column, item: Any) -> str:
    value = item
    for key in column.key.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if value is None:
        return "-"
    if column.kind == "size":
        return size(value)
    if column.kind == "share":
        return f"{float(value) * 100:.0f} %"
    if column.kind == "time":
        return local_time(value)
    return _words(value)


def _words(value: Any) -> str:
    if value is None or value == "" or value == []:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_words(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    # A guest's or person's name must not steer the terminal.
    return "".join(sign if sign.isprintable() else " " for sign in str(value))


def size(count: float) -> str:
    """``count`` bytes in words."""
    unit = 0
    while abs(count) >= 1024 and unit < len(_SIZES) - 1:
        count /= 1024
        unit += 1
    return f"{count:.0f} {_SIZES[unit]}" if unit == 0 else f"{count:.1f} {_SIZES[unit]}"


def local_time(value: Any) -> str:
    """A time as the API writes it (ISO 8601) or seconds since 1970, where the reader is."""
    try:
        at = (
            datetime.fromtimestamp(value).astimezone()
            if isinstance(value, int | float)
            else datetime.fromisoformat(str(value)).astimezone()
        )
    except (ValueError, OverflowError, OSError):
        return str(value)
    return f"{at:%Y-%m-%d %H:%M:%S}"
