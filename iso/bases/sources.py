"""Where a build's packages come from, when not from the distribution's own mirrors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from foundation.failure import Failure

_NAMED = re.compile(r"([a-z][a-z0-9-]*)=(.+)")
OWN = ""
"""The origin that is meant when none is named: the base's own distribution."""


@dataclass(frozen=True)
class Sources:
    """Mirrors (URL or folder) and media (ISO images) by the distribution they hold."""

    mirrors: dict[str, str] = field(default_factory=dict)
    media: dict[str, Path] = field(default_factory=dict)

    @property
    def mirror(self) -> str | None:
        """The mirror of the base's own distribution."""
        return self.mirrors.get(OWN)


def sources_from(mirrors: Iterable[str], media: Iterable[str]) -> Sources:
    """What the options ``--mirror`` and ``--source`` say: ``PLACE``, or ``DISTRIBUTION=PLACE``.

    Raises Failure when a medium does not exist or one distribution is named twice.
    """
    named_mirrors = [_named(text) for text in mirrors]
    named_media = [_named(text) for text in media]
    origins = [origin for origin, _ in (*named_mirrors, *named_media)]
    twice = next((origin for origin in origins if origins.count(origin) > 1), None)
    if twice is not None:
        raise Failure(
            f"Two places are given for the packages of {twice or 'the base'}.", "Give one."
        )
    for _, place in named_media:
        if not Path(place).is_file():
            raise Failure(f"There is no medium {place}.", "Check the path of --source.")
    return Sources(
        {origin: place.rstrip("/") for origin, place in named_mirrors},
        {origin: Path(place).absolute() for origin, place in named_media},
    )


def _named(text: str) -> tuple[str, str]:
    match = _NAMED.fullmatch(text)
    return (match.group(1), match.group(2)) if match else (OWN, text)
