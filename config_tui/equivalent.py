"""The command that does the same as what was just done with pages."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from host.document.differences import Difference

_MOST = 6


def command_for(differences: Sequence[Difference], erase: Sequence[str] = ()) -> str:
    """``flexvdi-config set …`` with these differences, or the way over a file for many.

    A secret is never written into a command: it is read from a file there.
    """
    erasing = "".join(f" --erase {shlex.quote(name)}" for name in erase)
    if len(differences) > _MOST:
        return f"flexvdi-config apply{erasing} -f host.yaml"
    words = []
    for difference in differences:
        if difference.after is None:
            words.append(f"--unset {shlex.quote(difference.path)}")
        elif difference.secret or _holds_secret(difference.after):
            words.append(f"{shlex.quote(difference.path)}=@FILE")
        else:
            words.append(shlex.quote(f"{difference.path}={_value(difference.after)}"))
    return f"flexvdi-config set{erasing} {' '.join(words)}"


def _value(value: object) -> str:
    from host.document.differences import value_text

    return value_text(value)


def _holds_secret(value: object) -> bool:
    from foundation.secret import MASK

    if isinstance(value, dict):
        return any(_holds_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_secret(item) for item in value)
    return value == MASK
