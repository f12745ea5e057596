"""The journal of an installation: one JSON object a line, each forced out as it is written.

It lies in the live system's memory while the installation runs and is copied to the installed
host with the rest of the log. An engine that was restarted reads it to learn what was under way.
A torn last line (a crash in the middle of writing) is left out when reading.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class Journal:
    """Appends entries to ``path``; each has ``time`` (ISO 8601, UTC) and ``entry``, its kind."""

    def __init__(self, path: Path) -> None:
        """Open ``path`` for appending, mode 0600; its folder must exist."""
        self.path = path

    def write(self, entry: str, **fields: Any) -> None:
        """Append one entry."""
        line = json.dumps({"time": datetime.now(UTC).isoformat(), "entry": entry, **fields})
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if self._ends_torn():
                os.write(descriptor, b"\n")
            os.write(descriptor, line.encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def entries(self) -> Iterator[dict[str, Any]]:
        """The entries so far, oldest first; none when there is no journal yet."""
        try:
            text = self.path.read_text(errors="replace")
        except FileNotFoundError:
            return
        for line in text.splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and "entry" in entry:
                yield entry

    def _ends_torn(self) -> bool:
        try:
            with self.path.open("rb") as stream:
                stream.seek(-1, os.SEEK_END)
                return stream.read(1) != b"\n"
        except OSError:
            return False
