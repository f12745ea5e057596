"""Storage pools of a machine, which libvirt owns."""

from __future__ import annotations

from typing import Protocol

from host.storage_values import PoolStatus


class Pools(Protocol):
    """libvirt's storage driver."""

    def pools(self) -> tuple[PoolStatus, ...]:
        """All pools; raises Failure when libvirt does not answer."""

    def define(self, name: str, path: str) -> None:
        """Have a pool of the directory ``path``, started, and started with libvirt."""

    def remove(self, name: str) -> None:
        """Forget a pool; what is in it stays. Nothing happens when there is none."""
