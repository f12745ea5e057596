"""The protocol's version, and who understands whom.

``MAJOR.MINOR``. A minor version only adds: keys that the other side passes over, messages of a kind
that it ignores. Whoever must rely on an addition looks at the version that both agreed on. A major
version changes what is there, and sides of different majors do not talk.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from foundation.failure import Failure
from foundation.joining import AGENT_PROTOCOL

_FORM = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})")


class ProtocolVersion(NamedTuple):
    """A version of the protocol; they compare as they follow each other."""

    major: int
    minor: int

    def __str__(self) -> str:
        """As it is written in ``hello`` and ``welcome``."""
        return f"{self.major}.{self.minor}"


def read_version(text: str) -> ProtocolVersion:
    """The version in ``text``; raises ValueError when it is none."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text[:40]}” is no protocol version: it is MAJOR.MINOR")
    return ProtocolVersion(int(found[1]), int(found[2]))


PROTOCOL = read_version(AGENT_PROTOCOL)


def agree(agent: str, manager: ProtocolVersion = PROTOCOL) -> ProtocolVersion:
    """The version that an Agent which speaks ``agent`` and the Manager use with each other.

    Raises Failure, with words for whoever looks after the host, when there is none.
    """
    try:
        theirs = read_version(agent)
    except ValueError as error:
        raise Failure(
            f"The Agent says no version that the Manager could read: {error}.",
            "Upgrade the host to the Manager's version.",
        ) from error
    if theirs.major == manager.major:
        return min(theirs, manager)
    older, newer = ("host", "Manager") if theirs < manager else ("Manager", "host")
    raise Failure(
        f"The host's Agent speaks protocol {theirs}, the Manager {manager}: "
        f"the {older} is too old for the {newer}.",
        f"Upgrade the {older}.",
    )
