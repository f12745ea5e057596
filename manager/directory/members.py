"""Who a group names as its members, however many they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from manager.directory.link import Entry, Link

_RANGE = re.compile(r";range=(\d+)-(\d+|\*)\Z")


def members_of(link: Link, group: str, attribute: str, step: int | None = None) -> Iterator[str]:
    """The distinguished names in ``attribute`` of the entry ``group``, as they come.

    Active Directory gives out no more than 1,500 values at once and says which ones these are
    (MS-ADTS 3.1.1.3.1.3.3). ``step`` asks for as many at a time; None leaves it to the server.
    """
    wanted = attribute if step is None else f"{attribute};range=0-{step - 1}"
    while True:
        entry = link.read(group, [wanted])
        name, end = _part(entry, attribute)
        yield from entry.texts(name)
        if end is None:
            return
        last = "*" if step is None else str(end + step)
        wanted = f"{attribute};range={end + 1}-{last}"


def _part(entry: Entry, attribute: str) -> tuple[str, int | None]:
    """The attribute that came, and the number of its last value when there are more."""
    for name, values in entry.attributes.items():
        found = _RANGE.search(name)
        if found and name.startswith(f"{attribute.lower()};") and values:
            return name, None if found[2] == "*" else int(found[2])
    return attribute, None
