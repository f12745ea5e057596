"""Running a program inside of the Manager's guest, and carrying files in and out of it.

By QEMU's guest agent (qemu.org, "QEMU Guest Agent Protocol Reference"), so that it needs neither
network nor password: whoever is root on the host can do it anyway.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from foundation.failure import Failure
from host.machine.manager.domains import Domains

# The appliance's own, which knows where its state and database are (manager/appliance).
APPLIANCE_PROGRAM = "/usr/bin/flexvdi-manager-appliance"
_PAUSE = 0.2
_PIECE = 48 * 1024  # bytes; the agent's answers must stay below libvirt's limit


class GuestAgent:
    """The agent of one guest."""

    def __init__(self, domains: Domains, guest: str) -> None:
        """``guest`` must run."""
        self._domains = domains
        self._guest = guest

    def run(self, argv: Sequence[str], limit: float = 600.0) -> str:
        """The output of a program; raises Failure with what it says when it fails or is late."""
        asked = {"path": argv[0], "arg": list(argv[1:]), "capture-output": True}
        process = self._ask("guest-exec", asked)["pid"]
        deadline = time.monotonic() + limit
        while True:
            state = self._ask("guest-exec-status", {"pid": process})
            if state.get("exited"):
                break
            if time.monotonic() > deadline:
                raise Failure(
                    f"{argv[0]} did not end within {limit:.0f} s in the Manager's guest.",
                    "See its console: `flexvdi-config manager console`.",
                )
            time.sleep(_PAUSE)
        output = base64.b64decode(state.get("out-data", "")).decode(errors="replace")
        if state.get("exitcode") != 0:
            said = base64.b64decode(state.get("err-data", "")).decode(errors="replace").strip()
            last = said.splitlines()[-1] if said else f"it ended with {state.get('exitcode')}"
            raise Failure(
                f"In the Manager's guest, {argv[0].rpartition('/')[2]} failed: {last}",
                "See the Manager's log.",
                details=said,
            )
        return output

    def fetch(self, path: str, report: Callable[[int, int], None]) -> bytes:
        """A file of the guest, whole."""
        handle = self._ask("guest-file-open", {"path": path, "mode": "r"})
        data = bytearray()
        try:
            while True:
                piece = self._ask("guest-file-read", {"handle": handle, "count": _PIECE})
                data += base64.b64decode(piece.get("buf-b64", ""))
                report(len(data), 0)
                if piece.get("eof") or not piece.get("count"):
                    return bytes(data)
        finally:
            self._ask("guest-file-close", {"handle": handle})

    def put(
        self,
        path: str,
        pieces: Iterable[bytes],
        total: int,
        report: Callable[[int, int], None],
    ) -> None:
        """Write a file in the guest; ``total`` is its size in bytes."""
        handle = self._ask("guest-file-open", {"path": path, "mode": "w"})
        done = 0
        try:
            for data in pieces:
                for start in range(0, len(data), _PIECE):
                    piece = data[start : start + _PIECE]
                    encoded = base64.b64encode(piece).decode()
                    self._ask("guest-file-write", {"handle": handle, "buf-b64": encoded})
                    done += len(piece)
                    report(done, total)
        finally:
            self._ask("guest-file-close", {"handle": handle})

    def _ask(self, command: str, arguments: dict[str, Any]) -> Any:
        return self._domains.ask_agent(self._guest, command, arguments)
