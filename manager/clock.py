"""What time it is: one function that tests may replace by a clock of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

# Always aware, always UTC.
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The machine's time in UTC."""
    return datetime.now(UTC)
