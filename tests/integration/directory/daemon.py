"""A daemon that a test starts in the foreground, waits for, and ends."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

DEADLINE = 180.0


class Daemon:
    """Runs ``argv`` until :meth:`end`; what it says goes to ``log``."""

    def __init__(self, argv: Sequence[str], log: Path) -> None:
        """Start it."""
        self.log = log
        with log.open("ab") as stream:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=stream, stderr=stream
            )

    def wait_for(self, host: str, port: int) -> None:
        """Until the port answers; raises RuntimeError with the log when the daemon ends before."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection((host, port), timeout=5).close()
            except OSError:
                time.sleep(0.02)  # between two looks at a condition that has a deadline
                continue
            return
        self.kill()
        raise RuntimeError(f"{self.process.args!r} did not come up: {self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.process.kill()
        self.process.wait(30)

    def end(self) -> None:
        """End it orderly."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
