"""Guests of a machine, as libvirt knows them: only what the host's own state needs."""

from __future__ import annotations

from typing import Protocol


class Guests(Protocol):
    """libvirt's domains."""

    def running(self) -> int:
        """How many run."""

    def autostarted(self) -> tuple[str, ...]:
        """Those that libvirt starts at boot, by name."""

    def set_autostart(self, guest: str, on: bool) -> None:
        """Have a guest started at boot, or not; a guest that is gone is passed over."""
