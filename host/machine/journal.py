"""The journal of a machine."""

from __future__ import annotations

from typing import Protocol

from host.api.support import LogEntry, LogFilter, LogPage


class SystemJournal(Protocol):
    """systemd-journald."""

    def read(self, wanted: LogFilter, lines: int, before: str) -> LogPage:
        """See host.api.support.SupportApi.logs."""

    def read_after(self, wanted: LogFilter, lines: int, after: str) -> tuple[LogEntry, ...]:
        """At most ``lines`` entries that were written after the one with the cursor ``after``."""

    def sources(self) -> tuple[str, ...]:
        """Units that have written since boot, sorted."""
