"""Answers of programs in JSON, taken apart with care: what is not as expected is a Failure."""

from __future__ import annotations

import json
from typing import Any

from foundation.failure import Failure

Table = dict[str, Any]


def parse_table(program: str, text: str) -> Table:
    """A JSON object; raises Failure that names the program."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise _strange(program, text) from error
    if not isinstance(value, dict):
        raise _strange(program, text)
    return value


def tables(program: str, value: Any, key: str) -> list[Table]:
    """The list of tables at ``key``; none where the key is missing."""
    found = value.get(key) or [] if isinstance(value, dict) else None
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise _strange(program, json.dumps(value))
    return found


def text_of(table: Table, key: str) -> str:
    """A text, stripped; empty for null and for what is missing."""
    value = table.get(key)
    return str(value).strip() if value is not None else ""


def number_of(table: Table, key: str) -> int:
    """A whole number, which some programs write as text, with a unit behind it or not at all."""
    digits = str(table.get(key) or "0").strip().rstrip("Bb")
    try:
        return int(float(digits))
    except ValueError:
        return 0


def flag_of(table: Table, key: str) -> bool:
    """A truth, as true, 1 or "1"."""
    return table.get(key) in (True, 1, "1")


def _strange(program: str, text: str) -> Failure:
    return Failure(
        f"{program} answered something that this program does not understand.",
        f"Run `{program}` by hand to see; this may be a version that is not known.",
        details=text[:2000],
    )
