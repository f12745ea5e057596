"""The process that carries a job out, told from later ones of its number."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def this_process() -> dict[str, Any]:
    """As a journal keeps it."""
    return {"pid": os.getpid(), "started": _started(os.getpid())}


def is_alive(process: dict[str, Any]) -> bool:
    """Whether another process is at work; a job of this one is known by other means."""
    here = process["pid"] == os.getpid()
    return not here and bool(process["started"]) and _started(process["pid"]) == process["started"]


def _started(process: int) -> str:
    """The boot, and the ticks since then; empty when there is no such process.

    See proc(5), field 22 of stat.
    """
    try:
        ticks = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (OSError, IndexError):
        return ""
    return f"{boot} {ticks}"
