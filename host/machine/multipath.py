"""The multipath devices of a machine, which multipathd owns."""

from __future__ import annotations

from typing import Protocol

from host.storage_values import MultipathDevice


class MultipathDaemon(Protocol):
    """multipathd."""

    def runs(self) -> bool:
        """Whether it answers."""

    def devices(self) -> tuple[MultipathDevice, ...]:
        """All devices with their paths; none when it does not run."""

    def reconfigure(self) -> None:
        """Have it read its configuration again."""
