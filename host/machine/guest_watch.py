"""All guests of a machine at a glance, and the few things done to one of them from afar."""

from __future__ import annotations

from typing import Protocol

from host.api.operation import GuestAction, GuestSample


class GuestWatch(Protocol):
    """libvirt's domains, in bulk. Calls may hang as long as libvirt does."""

    def sample(self) -> tuple[GuestSample, ...]:
        """Every guest with its state and counters, in one question."""

    def act(self, uuid: str, action: GuestAction) -> None:
        """Do it; nothing happens where the guest is that way already. Raises Failure."""

    def hypervisor(self) -> str:
        """What runs the guests, as in ``QEMU 9.1.0``; empty when it does not answer."""
