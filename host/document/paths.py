"""Places in a host document, as people write them: ``network.interfaces[bond0.100].mtu``.

Items of a list are named by their ``name`` where they have one, else by their number from 0. A
name without dots may follow a dot as well: ``network.interfaces.bond0.mtu``.
"""

from __future__ import annotations

import re
from typing import Any

from foundation.failure import Failure

Place = tuple[str, ...]

_TOKEN = re.compile(r"\[([^\]]+)\]|([^.\[\]]+)")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def parse_place(text: str) -> Place:
    """The parts of a path; raises Failure when it is none."""
    rest = _TOKEN.sub("", text)
    if set(rest) - {"."} or not text.strip("."):
        raise Failure(
            f"“{text}” is not a path in the host document.", "Write it as in time.timezone."
        )
    return tuple(bracketed or bare for bracketed, bare in _TOKEN.findall(text))


def place_text(place: Place) -> str:
    """The path as people write it."""
    text = ""
    for part in place:
        if _BARE.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{part}]"
    return text


def named(items: Any) -> bool:
    """Whether ``items`` is a list whose items have names of their own."""
    if not isinstance(items, list) or not items:
        return False
    names = [item.get("name") if isinstance(item, dict) else None for item in items]
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)


def value_at(tree: Any, place: Place) -> Any:
    """What is at ``place`` in a document's plain values; raises KeyError when nothing is."""
    value = tree
    parts = list(place)
    while parts:
        key, used = _key(value, parts)
        value = value[key]
        del parts[:used]
    return value


def put(tree: dict[str, Any], place: Place, value: Any) -> None:
    """Set the value at ``place``, making the sections on the way; raises KeyError if it cannot."""
    inside: Any = tree
    parts = list(place)
    while True:
        try:
            key, used = _key(inside, parts)
        except KeyError:
            if isinstance(inside, list) and len(parts) == 1:
                inside.append({"name": parts[0], **value} if isinstance(value, dict) else value)
                return
            if not isinstance(inside, dict):
                raise
            key, used = parts[0], 1
        del parts[:used]
        if not parts:
            inside[key] = value
            return
        if isinstance(inside, dict) and not isinstance(inside.get(key), dict | list):
            inside[key] = [] if key in _LISTS_OF_NAMED else {}
        inside = inside[key]


def drop(tree: dict[str, Any], place: Place) -> None:
    """Take away what is at ``place``, so that its default holds; raises KeyError."""
    inside: Any = tree
    parts = list(place)
    while True:
        key, used = _key(inside, parts)
        del parts[:used]
        if not parts:
            del inside[key]
            return
        inside = inside[key]


def _key(inside: Any, parts: list[str]) -> tuple[Any, int]:
    """The key or index for the first of ``parts``, and how many parts its name took."""
    if isinstance(inside, dict):
        if parts[0] in inside:
            return parts[0], 1
    elif isinstance(inside, list):
        names = [item.get("name") if isinstance(item, dict) else None for item in inside]
        for count in range(len(parts), 0, -1):
            name = ".".join(parts[:count])
            if name in names:
                return names.index(name), count
        if parts[0].isdecimal() and int(parts[0]) < len(inside):
            return int(parts[0]), 1
    raise KeyError(parts[0])


_LISTS_OF_NAMED = frozenset(
    ("interfaces", "administrators", "targets", "mounts", "volume_groups", "volumes", "aliases")
)
