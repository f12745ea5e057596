"""The machine itself: what it is made of, and how much of it has been used."""

from __future__ import annotations

from typing import Protocol

from host.api.operation import Counters, Hardware


class HardwarePort(Protocol):
    """Processors, memory, and the kernel's counters."""

    def facts(self) -> Hardware:
        """What does not change while the machine runs."""

    def counters(self) -> Counters:
        """What has been used so far; cheap."""
