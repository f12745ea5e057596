"""A shell on this terminal."""

from __future__ import annotations

import argparse

from config_tui.verb import Verbs
from host.api import HostApi
from host.audit import session_user


def register(verbs: Verbs) -> None:
    """Add the verb."""
    verbs.add("shell", _shell, "open a log-in shell", as_json=False)


def _shell(host: HostApi, options: argparse.Namespace) -> int:
    from foundation.interactive import run_interactively

    return run_interactively(host.shell_command(session_user() or "root"))
