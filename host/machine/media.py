"""Sticks that are plugged into a machine."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from host.api.support import RemovablePartition


class RemovableMedia(Protocol):
    """Filesystems on removable devices."""

    def partitions(self) -> tuple[RemovablePartition, ...]:
        """All that could be written to."""

    def mounted(self, device: str) -> AbstractContextManager[Path]:
        """Mount ``device`` for a while; what was written is on it when the context ends."""
