"""What a console shows: how the appliance is and where it is reached, and no way in.

On a screen it is a page; on a serial line (``--lines``) only what stays true is said, because the
steps of the start go over that line by themselves. It reads one small file and imports next to
nothing, so that it is there early.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

_STATE = "/run/flexvdi/appliance/state.json"
_PAUSE_SECONDS = 2.0
_STARTING = {"state": "running", "words": "The Manager is starting."}
_CLEAR = "\033[2J\033[H"
_GROUP = 8


def page(state: dict[str, Any]) -> Iterator[str]:
    """The lines for ``state``, as the state file holds it."""
    yield f"flexVDI Manager {state.get('version', '')}".rstrip()
    yield ""
    if state.get("state") == "failed":
        yield f"It does not work: {state.get('words', '')}"
        yield f"What to do: {state.get('remedy', '')}"
    else:
        yield str(state.get("words", ""))
    if state.get("addresses"):
        yield ""
    for address in state.get("addresses", []):
        yield f"Address      {address}"
    digits = str(state.get("fingerprint", ""))
    if digits:
        groups = [digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP)]
        yield f"Fingerprint  {' '.join(groups[:4])}"
        yield f"             {' '.join(groups[4:])}"
        yield "             SHA-256 of its authority; compare it before you trust it"


def main() -> None:
    """Show the state for ever, anew whenever it changes."""
    lines = "--lines" in sys.argv[1:]
    shown: dict[str, Any] | None = None
    while True:
        state = _read()
        if state != shown:
            shown = state
            text = "\r\n".join(page(state))
            if not lines:
                os.write(1, f"{_CLEAR}\r\n{text}\r\n".encode())
            elif state.get("state") in ("ready", "failed"):
                os.write(1, f"\r\n{text}\r\n".encode())
        time.sleep(_PAUSE_SECONDS)


def _read() -> dict[str, Any]:
    try:
        with open(_STATE, encoding="utf-8") as stream:  # noqa: PTH123 - pathlib costs a moment
            said = json.load(stream)
    except (OSError, ValueError):
        return _STARTING
    return said if isinstance(said, dict) else _STARTING


if __name__ == "__main__":
    main()
