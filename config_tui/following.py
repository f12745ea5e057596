"""Following a long job on a terminal: its steps, how far they are, and what is waited for."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from config_tui.storage_words import size_in_words
from config_tui.verb import print_step

if TYPE_CHECKING:
    from host.jobs import JobEvent

_BETWEEN = 0.5  # seconds between two lines about the same step


def follow(options: argparse.Namespace) -> Callable[[JobEvent], None]:
    """What to hand to a call that tells its events: nothing is said where JSON is wanted."""
    return (lambda event: None) if options.json else _Follower()


class _Follower:
    """A line for each step; below it progress, in place on a terminal."""

    def __init__(self) -> None:
        self._title = ""
        self._note = ""
        self._begun = 0.0
        self._said = 0.0
        self._is_open = False

    def __call__(self, event: JobEvent) -> None:
        if event.title != self._title or event.state != "running":
            self._close()
            print_step(event)
            self._title, self._note = event.title, ""
            self._begun = time.monotonic()
        elif event.note and event.note != self._note:
            self._note = event.note
            print(f"      {event.note}", flush=True)
        elif event.total_bytes and sys.stdout.isatty():
            self._progress(event)

    def _progress(self, event: JobEvent) -> None:
        now = time.monotonic()
        if now - self._said < _BETWEEN and event.done_bytes < event.total_bytes:
            return
        self._said = now
        done, total = event.done_bytes, event.total_bytes
        rate = done / max(now - self._begun, 0.001)
        left = f", {(total - done) / rate:.0f} s left" if rate and done < total else ""
        words = f"{size_in_words(done)} of {size_in_words(total)}, {size_in_words(int(rate))}/s"
        print(f"\r      {words}{left}".ljust(78), end="", flush=True)
        self._is_open = True

    def _close(self) -> None:
        if self._is_open:
            print()
        self._is_open = False
