"""The host image: a tree packed into one read-only file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from foundation.process import run

# Level 6 makes the image 6 % smaller and takes almost three times as long; 9 hardly helps more.
LEVEL = 3
BLOCK_SIZE = 128 * 1024
_PERCENT = re.compile(r"(\d+)%\s*$")


def pack(tree: Path, image: Path, epoch: int, on_percent: Callable[[int], None]) -> None:
    """Pack ``tree`` into ``image`` so that equal trees give equal bytes.

    ``epoch`` (seconds since 1970) becomes the image's time. Folders that the running system
    mounts over are kept, empty.
    """

    def on_line(line: str) -> None:
        if match := _PERCENT.search(line):
            on_percent(int(match.group(1)))

    image.unlink(missing_ok=True)
    run(
        [
            "mksquashfs",
            str(tree),
            str(image),
            "-comp",
            "zstd",
            "-Xcompression-level",
            str(LEVEL),
            "-b",
            str(BLOCK_SIZE),
            "-mkfs-time",
            str(epoch),
            "-processors",
            str(os.cpu_count() or 1),
            "-noappend",
        ],
        timeout=3600,
        on_line=on_line,
    )
