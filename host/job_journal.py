"""The journal of a job: a file that grows, and that neither a power cut nor a full disk breaks."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any


class Journal:
    """A file of JSON lines, each forced to disk before what it announces happens."""

    def __init__(self, path: Path) -> None:
        """``path`` need not exist yet."""
        self.path = path

    def write(self, **entry: Any) -> None:
        """Append an entry; raises OSError unless all of it is on the disk."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        size = os.fstat(descriptor).st_size
        try:
            left = (json.dumps({"at": time.time(), **entry}) + "\n").encode()
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                left = b"\n" + left  # a power cut left the last entry torn
            while left:  # a disk that is nearly full takes the beginning, and refuses the rest
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(descriptor, size)
            raise
        finally:
            os.close(descriptor)

    def entries(self) -> list[dict[str, Any]]:
        """All entries; a line that a power cut left torn is passed over. None of no file."""
        entries: list[dict[str, Any]] = []
        try:
            text = self.path.read_text()
        except FileNotFoundError:
            return entries
        for line in text.splitlines():
            try:
                entries.append(json.loads(line))
            except json.JSONDecodeError:
                continue
        return entries
