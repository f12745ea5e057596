"""Distinguished names as RFC 4514 writes them: telling whether two texts name the same entry.

Servers and people write one name in many ways (case, blanks, ``\\,`` or ``\\2C``, the order within
a multi-valued RDN). Names are compared by what they mean; whether a value's matching rule minds the
case is unknown without the schema, and no attribute that names people or groups does.
"""

from __future__ import annotations

import re

Part = frozenset[tuple[str, str]]

_ESCAPED = re.compile(r"\\([0-9A-Fa-f]{2})|\\(.)", re.DOTALL)
_ATTRIBUTE = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)\Z")
_BLANKS = re.compile(r" +")


def parts_of(name: str) -> tuple[Part, ...]:
    """``name`` as its RDNs, from the entry towards the root, in a form that can be compared.

    Raises ValueError when it is no distinguished name; the empty name is the root's, and has none.
    """
    if not name.strip():
        return ()
    return tuple(frozenset(_pair(pair) for pair in _split(part, "+")) for part in _split(name, ","))


def same_name(one: str, other: str) -> bool:
    """Whether both texts name the same entry; what is no distinguished name equals nothing."""
    try:
        return parts_of(one) == parts_of(other)
    except ValueError:
        return False


def is_below(name: str, base: str) -> bool:
    """Whether ``name`` is ``base`` itself or an entry below it."""
    try:
        inner, outer = parts_of(name), parts_of(base)
    except ValueError:
        return False
    return inner[len(inner) - len(outer) :] == outer if len(outer) <= len(inner) else False


def first_value(name: str) -> str:
    """The value of the first RDN, unescaped: what people call the entry."""
    first = _split(name, ",")[0]
    return _unescaped(_trimmed(_split(first, "+")[0].partition("=")[2]))


def _split(text: str, separator: str) -> list[str]:
    """``text`` at each ``separator`` that is neither escaped nor within quotation marks."""
    pieces, current, quoted, position = [], "", False, 0
    while position < len(text):
        character = text[position]
        if character == "\\":
            current += text[position : position + 2]
            position += 2
            continue
        quoted ^= character == '"'
        if character == separator and not quoted:
            pieces.append(current)
            current = ""
        else:
            current += character
        position += 1
    return [*pieces, current]


def _pair(text: str) -> tuple[str, str]:
    attribute, equals, value = text.partition("=")
    attribute = attribute.strip()
    if not equals or not _ATTRIBUTE.match(attribute):
        raise ValueError(f"“{text.strip()}” is no part of a distinguished name")
    return attribute.lower(), _BLANKS.sub(" ", _unescaped(_trimmed(value))).casefold()


def _trimmed(value: str) -> str:
    """``value`` without the blanks around it; an escaped one at its end belongs to it."""
    value = value.lstrip(" ")
    bare = value.rstrip(" ")
    escaped = (len(bare) - len(bare.rstrip("\\"))) % 2 == 1
    return bare + " " if escaped and len(bare) < len(value) else bare


def _unescaped(value: str) -> str:
    if len(value) > 1 and value.startswith('"') and value.endswith('"'):  # as LDAPv2 wrote it
        value = value[1:-1]
    found = bytearray()
    position = 0
    for match in _ESCAPED.finditer(value):
        found += value[position : match.start()].encode()
        found += bytes.fromhex(match[1]) if match[1] else match[2].encode()
        position = match.end()
    return (found + value[position:].encode()).decode(errors="replace")
