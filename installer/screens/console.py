"""``flexvdi-install console``: the right view of the installation for this terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from foundation.interactive import run_interactively
from installer.screens.plain import show_plain


def show_console(socket: Path, *, plain: bool = False, until_end: bool = False) -> int:
    """Screens where the terminal can show them, plain lines elsewhere.

    ``until_end`` ends when the engine goes away after an ending, instead of waiting for another.
    """
    if plain or not can_show_screens():
        return show_plain(socket, on_rescue=rescue_session)
    from installer.screens.application import run_application

    return run_application(socket, until_end=until_end, on_rescue=rescue_session)


def can_show_screens() -> bool:
    """Whether standard input and output are a terminal that can place its cursor."""
    known = os.environ.get("TERM", "dumb") not in ("dumb", "unknown", "")
    return known and sys.stdin.isatty() and sys.stdout.isatty()


def rescue_session() -> int:
    """What a kickstart with ``rescue`` asks for, on this console."""
    return run_interactively([sys.executable, "-P", "-m", "installer.command_line", "rescue"])
