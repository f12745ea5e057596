"""The addresses of a list's other pages."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class Links:
    """Where a list goes on, and where it begins; empty where there is nothing."""

    next: str
    first: str


def links(path: str, following: str | None, after: str | None, **kept: str) -> Links:
    """Those of the page behind ``after``; ``kept`` is what the list is cut down by."""
    kept = {name: text for name, text in kept.items() if text}
    return Links(
        _address(path, {**kept, "after": following}) if following else "",
        _address(path, kept) if after else "",
    )


def _address(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
