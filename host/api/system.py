"""SystemApi: keyboard, language, clock, logging and the root slots."""

from __future__ import annotations

from typing import Protocol


class SystemApi(Protocol):
    """Keyboard, language, clock, logging and the root slots."""
