"""The two places for the system of a host, and what is in them."""

from __future__ import annotations

from typing import Protocol

from host.api.system import Slot


class RootSlots(Protocol):
    """What the boot menu knows."""

    def slots(self) -> tuple[Slot, ...]:
        """Those that hold a system, by name."""
