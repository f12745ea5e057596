"""Secrets for commands: from files or standard input, never from the command line."""

from __future__ import annotations

import sys
from pathlib import Path

from foundation.failure import Failure
from foundation.secret import Secret


def read_secret(file: str, what: str) -> Secret:
    """The first line of ``file`` (``-`` for standard input); raises Failure where it is empty."""
    try:
        text = sys.stdin.readline() if file == "-" else Path(file).read_text().split("\n", 1)[0]
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"The {what} cannot be read from {file}.", "Give a readable file.") from error
    if not text.rstrip("\r\n"):
        raise Failure(f"The {what} in {file} is empty.", "Write it into the first line.")
    return Secret(text.rstrip("\r\n"))
