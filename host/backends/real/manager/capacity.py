"""How large this machine is (host.machine.manager.capacity.Capacity)."""

from __future__ import annotations

import os
from pathlib import Path

from foundation.failure import Failure

_MEMORY = Path("/proc/meminfo")


class RealCapacity:
    """sysconf(3) and proc(5)."""

    def processors(self) -> int:
        """Online, whatever this process may use."""
        return os.cpu_count() or 1

    def memory(self) -> tuple[int, int]:
        """MemTotal and MemAvailable."""
        lines = dict(line.split(":", 1) for line in _MEMORY.read_text().splitlines())
        try:
            return _bytes(lines["MemTotal"]), _bytes(lines["MemAvailable"])
        except (KeyError, ValueError) as error:
            raise Failure("The kernel does not tell how much memory there is.") from error


def _bytes(words: str) -> int:
    return int(words.split()[0]) << 10
