"""What a build tells while it runs, and how long each phase took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Prints the phases of a build to standard error and keeps their durations (seconds)."""

    def __init__(self, quiet: bool = False) -> None:
        """``quiet`` prints nothing and still measures."""
        self.seconds: dict[str, float] = {}
        self._quiet = quiet
        self._started = time.monotonic()
        self._percent = -1

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """A named part of the build; its end is printed with what it took."""
        self._print(f"{name} ...")
        started = time.monotonic()
        self._percent = -1
        yield
        self.seconds[name] = round(time.monotonic() - started, 2)
        self._print(f"{name}: {self.seconds[name]:.1f} s")

    def line(self, text: str) -> None:
        """A line that a program printed, when it announces a step."""
        for announcement in ("I: ", "dracut: *** "):
            if text.startswith(announcement):
                self._print(f"  {text.removeprefix(announcement)[:90].rstrip(' *')}")

    def percent(self, percent: int) -> None:
        """How far the phase is; printed in steps of a quarter."""
        if percent // 25 > self._percent // 25:
            self._percent = percent
            if 0 < percent < 100:
                self._print(f"  {percent} %")

    @property
    def total(self) -> float:
        """Seconds since the start."""
        return round(time.monotonic() - self._started, 2)

    def _print(self, text: str) -> None:
        if not self._quiet:
            print(f"[{self.total:6.1f} s] {text}", file=sys.stderr, flush=True)
