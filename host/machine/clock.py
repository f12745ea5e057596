"""The clock of a machine: systemd-timedated's zone, and chrony's sources."""

from __future__ import annotations

from typing import Protocol

from host.api.system import TimeSource


class Clock(Protocol):
    """org.freedesktop.timedate1, and chronyd."""

    def timezone(self) -> str:
        """The zone in force, as in ``Europe/Madrid``."""

    def set_timezone(self, name: str) -> None:
        """Set the zone."""

    def set_hardware_clock(self, utc: bool) -> None:
        """Have the hardware clock keep UTC, or local time."""

    def reload_sources(self) -> None:
        """Have chronyd read its source files again; one that is not running will when it starts."""

    def synchronised(self) -> bool:
        """Whether the clock follows a server."""

    def sources(self) -> tuple[TimeSource, ...]:
        """chronyd's servers; raises Failure when it does not answer."""

    def offset(self) -> float | None:
        """Seconds by which the clock is off, as chronyd knows; None while it knows of no server."""
