"""The name of a machine, which systemd-hostnamed owns."""

from __future__ import annotations

from typing import Protocol


class HostnameDaemon(Protocol):
    """org.freedesktop.hostname1."""

    def names(self) -> frozenset[str]:
        """The static and the current name; one where they agree."""

    def set_name(self, name: str) -> None:
        """Set both."""
