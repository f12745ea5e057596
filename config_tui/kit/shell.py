"""Leave the screen to a program for a while, and come back to it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import urwid

from foundation.interactive import run_interactively


def run_on_terminal(
    loop: urwid.MainLoop,
    argv: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    banner: str = "",
) -> int:
    """Run ``argv`` on the terminal that ``loop`` draws on; returns its exit status.

    The screen is put away first and drawn anew afterwards, whatever happened. ``banner`` is
    printed before the program starts.
    """
    loop.screen.stop()
    try:
        if banner:
            sys.stdout.write(f"\r\n{banner}\r\n\r\n")
            sys.stdout.flush()
        return run_interactively(argv, environment)
    finally:
        loop.screen.start()
        loop.screen.clear()
