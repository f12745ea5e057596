"""How long each phase of a run took, as a table for people and as JSON for the bench."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Phases:
    """Named stretches of wall time, in seconds, in the order in which they ended."""

    def __init__(self) -> None:
        """Start without any."""
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure what happens inside; nothing is kept of a phase that failed."""
        started = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - started

    def table(self) -> str:
        """One line per phase and the sum."""
        width = max((len(name) for name in self.seconds), default=5)
        rows = [f"  {name:<{width}}  {taken:8.1f} s" for name, taken in self.seconds.items()]
        total = sum(self.seconds.values())
        rows += [f"  {'-' * (width + 12)}", f"  {'together':<{width}}  {total:8.1f} s"]
        return "\n".join(rows)
