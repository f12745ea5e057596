"""How large a machine is."""

from __future__ import annotations

from typing import Protocol


class Capacity(Protocol):
    """The kernel's counts."""

    def processors(self) -> int:
        """Processors that are online."""

    def memory(self) -> tuple[int, int]:
        """Bytes of memory: all, and what can be had without swapping."""
