"""What the error texts of common programs mean, and what to do about them.

One table, in order; the first pattern that matches wins. A program's own words follow when
nothing better is known.
"""

from __future__ import annotations

import re
from pathlib import Path

_MEANINGS: tuple[tuple[str, str, str], ...] = (
    (
        r"No space left on device|write failed.*ENOSPC",
        "The disk or filesystem is full.",
        "Free space there, or choose a larger one, and try again.",
    ),
    (
        r"Read-only file system",
        "The filesystem is read-only, often after a disk error.",
        "Look at the kernel log (dmesg) and the disk's health (smartctl -a).",
    ),
    (
        r"Input/output error|I/O error",
        "A disk or medium could not be read or written.",
        "Check cables and the disk's health (smartctl -a), or use another one.",
    ),
    (
        r"Device or resource busy|is in use|is apparently in use|target is busy",
        "The device is in use by something else.",
        "Stop what holds it (see lsblk and fuser), then try again.",
    ),
    (
        r"Could not resolve|Name or service not known|Temporary failure in name resolution",
        "A host name could not be resolved.",
        "Check the name and the DNS servers.",
    ),
    (
        r"Connection refused|Connection timed out|No route to host|Network is unreachable",
        "The server could not be reached.",
        "Check the address, the route to it and any firewall between.",
    ),
    (
        r"Permission denied|Operation not permitted|must be (run as )?root|superuser",
        "This needs more rights than the program has.",
        "Run it as root.",
    ),
)


def explain(program: str, status: int, said: str) -> tuple[str, str]:
    """Cause and remedy for ``program`` that ended with exit ``status`` after printing ``said``."""
    name = Path(program).name
    if status == 127 and "No such file" in said:
        return f"The program {name} is not installed.", f"Install the package that holds {name}."
    for pattern, cause, remedy in _MEANINGS:
        if re.search(pattern, said, re.IGNORECASE):
            return f"{cause} ({name})", remedy
    lines = [line.strip() for line in said.strip().splitlines() if line.strip()]
    words = lines[-1] if lines else "it gave no reason"
    if status < 0:
        return f"{name} was ended by signal {-status}.", "Look at the system log."
    return f"{name} failed with status {status}: {words}", "The log holds its whole output."
