"""The journal of a machine."""

from __future__ import annotations

from typing import Protocol

from host.api.support import LogFilter, LogPage


class SystemJournal(Protocol):
    """systemd-journald."""

    def read(self, wanted: LogFilter, lines: int, before: str) -> LogPage:
        """See host.api.support.SupportApi.logs."""

    def sources(self) -> tuple[str, ...]:
        """Units that have written since boot, sorted."""
