"""Services of a machine: systemd's units, by our names for them."""

from __future__ import annotations

from typing import Protocol


class Services(Protocol):
    """Units. A name is ours (``ssh``, ``chrony``), which the base maps, or a unit's own."""

    def is_enabled(self, service: str) -> bool:
        """Whether it starts at boot; a unit that does not exist does not."""

    def enable(self, service: str) -> None:
        """Start it at every boot and now; a running one reads its configuration again."""

    def enable_at_boot(self, service: str) -> None:
        """Start it at every boot, and leave it alone now."""

    def disable(self, service: str) -> None:
        """Stop it, and start it at no boot."""

    def restart_first(self, units: tuple[str, ...]) -> None:
        """Restart the first of ``units`` that this machine has."""

    def restart(self, service: str) -> None:
        """Start it anew; one that does not run is started."""

    def is_running(self, service: str) -> bool:
        """Whether it runs now."""
