"""The network of a machine, which NetworkManager owns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from host.document.network import Network


class NetworkDaemon(Protocol):
    """org.freedesktop.NetworkManager, and what the kernel knows of ports."""

    def permanent_macs(self) -> Mapping[str, str]:
        """Permanent MAC address of every wired port by name."""

    def knows_profiles(self, network: Network) -> bool:
        """Whether a profile is loaded for every interface of ``network``."""

    def load_and_activate(self, network: Network, changed_files: tuple[str, ...]) -> None:
        """Have the profiles on disk loaded, and those that changed brought up."""
