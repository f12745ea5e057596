"""Languages that a machine can speak."""

from __future__ import annotations

from typing import Protocol


class Locales(Protocol):
    """The locales that the C library has."""

    def available(self) -> tuple[str, ...]:
        """Names as in ``es_ES.UTF-8``, sorted."""
