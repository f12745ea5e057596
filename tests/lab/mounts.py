"""What is mounted, in the places that a test answers for."""

from __future__ import annotations

from pathlib import Path


def mounts_below(*folders: Path) -> list[str]:
    """The lines of /proc/self/mounts whose mount points are in ``folders``.

    The whole table is no test's own: others run beside it and mount as well.
    """
    table = Path("/proc/self/mounts").read_text().splitlines()
    return [line for line in table if any(map(_place(line).is_relative_to, folders))]


def _place(line: str) -> Path:
    # Blanks and the like are written as \040.
    return Path(line.split(" ")[1].encode().decode("unicode_escape"))
