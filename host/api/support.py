"""SupportApi: logs, support bundles and diagnostics of a host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from host.audit import Actor
from host.status import CheckState

PRIORITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
"""journald's priorities by number, the gravest first."""


@dataclass(frozen=True)
class LogFilter:
    """What to read of the journal.

    ``unit`` is a systemd unit, ``priority`` the least grave to show (a word of PRIORITIES),
    ``words`` a text that the message must hold, ``since`` as journalctl(1) takes times (``-1h``,
    ``2026-01-31 12:00``), ``boot`` 0 for this boot, -1 for the one before, None for all;
    ``audit`` only the records of who changed what.
    """

    unit: str = ""
    priority: str = ""
    words: str = ""
    since: str = ""
    boot: int | None = 0
    audit: bool = False


@dataclass(frozen=True)
class LogEntry:
    """A line of the journal; ``time`` is seconds since 1970, ``priority`` a word of PRIORITIES."""

    time: float
    priority: str
    source: str
    message: str
    cursor: str


@dataclass(frozen=True)
class LogPage:
    """Entries, the latest last. ``before`` is the cursor to read older ones with; empty at the
    journal's beginning.
    """

    entries: tuple[LogEntry, ...]
    before: str = ""


@dataclass(frozen=True)
class RemovablePartition:
    """A filesystem on a stick; ``size`` and ``free`` in bytes, ``free`` None if not mounted."""

    device: str
    label: str
    filesystem: str
    size: int
    model: str
    free: int | None = None


@dataclass(frozen=True)
class BundleProgress:
    """How far a bundle is: what is being collected, or bytes ``sent`` of ``total``."""

    title: str
    sent: int = 0
    total: int = 0


@dataclass(frozen=True)
class BundleResult:
    """Where a bundle is now, its size in bytes, and what could not be had for it."""

    place: str
    size: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at: ``value`` is what was measured, ``remedy`` what to do."""

    group: str
    name: str
    state: CheckState
    value: str
    remedy: str = ""


class SupportApi(Protocol):
    """What helps when something is wrong."""

    def logs(
        self, wanted: LogFilter, lines: int = 200, before: str = "", after: str = ""
    ) -> LogPage:
        """The latest entries that fit, those before a cursor, or the first ones after a cursor."""

    def log_sources(self) -> tuple[str, ...]:
        """Units that have written to the journal of this boot."""

    def removable_partitions(self) -> tuple[RemovablePartition, ...]:
        """Filesystems on sticks that a bundle can be written to."""

    def bundle(
        self,
        target: str,
        actor: Actor,
        on_progress: Callable[[BundleProgress], None] = lambda progress: None,
        cancel: Event | None = None,
    ) -> BundleResult:
        """Collect what support needs, without secrets, and leave it at ``target``.

        ``target`` is a file or folder of the host, a URL (``https://…``, sent by PUT; or with
        ``post+https://…`` by POST), or ``usb:/dev/sdx1`` for a stick.
        """

    def diagnose(
        self, on_progress: Callable[[Diagnosis], None] = lambda diagnosis: None
    ) -> tuple[Diagnosis, ...]:
        """Look at everything; ``on_progress`` gets each finding as it is made."""
