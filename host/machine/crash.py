"""The kernel that waits for a crash of the kernel, to write its memory down (kdump)."""

from __future__ import annotations

from typing import Protocol


class CrashKernel(Protocol):
    """What the kernel says of it (Documentation/admin-guide/kdump)."""

    def reserved(self) -> int:
        """Bytes that are set aside for it since boot."""

    def loaded(self) -> bool:
        """Whether it waits."""

    def dumps(self, directory: str) -> tuple[str, ...]:
        """What earlier crashes have left in ``directory``, the latest first."""
