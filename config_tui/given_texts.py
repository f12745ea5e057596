"""Texts that a verb is given by file or standard input, and secrets that a person types.

Nothing secret is ever an argument: command lines are seen by everybody on a host.
"""

from __future__ import annotations

import sys
from getpass import getpass
from pathlib import Path

from config_tui.storage_words import secret_in
from foundation.failure import Failure
from foundation.secret import Secret

_LARGEST = 1 << 20  # characters; certificates with a long chain have some 10 000


def text_in(name: str) -> str:
    """All of a file, or of standard input for ``-``; raises Failure."""
    try:
        if name == "-":
            text = sys.stdin.read(_LARGEST + 1)
        else:
            with Path(name).open(encoding="utf-8") as stream:
                text = stream.read(_LARGEST + 1)
    except OSError as error:
        raise Failure(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Failure(
            f"{name} is not text.", "Give the file in text (PEM) form, not the binary one."
        ) from error
    if len(text) > _LARGEST:
        raise Failure(f"{name} is larger than {_LARGEST >> 10} KiB.", "Is it the right file?")
    return text


def new_password(file: str | None, whose: str) -> Secret:
    """A password from the first line of ``file``, or typed twice; raises Failure."""
    if file is not None:
        password = secret_in(file)
    elif sys.stdin.isatty():
        password = Secret(getpass(f"New password of {whose}: "))
        if Secret(getpass("Once more: ")) != password:
            raise Failure("The two passwords differ.", "Nothing was changed; try again.")
    else:
        raise Failure(
            "Nobody can be asked for the password here.",
            "Give --password-file FILE; with - it is read from standard input.",
        )
    if not password:
        raise Failure("The password is empty.", "To let nobody in by one: password lock.")
    return password


def key_line_in(name: str) -> str:
    """The one public SSH key in a file as id_ed25519.pub or authorized_keys; raises Failure."""
    lines = [line.strip() for line in text_in(name).splitlines()]
    keys = [line for line in lines if line and not line.startswith("#")]
    if len(keys) != 1 and "PRIVATE KEY" not in "".join(keys):
        raise Failure(f"{name} holds {len(keys)} keys.", "Give a file with one public key.")
    return "\n".join(keys)
