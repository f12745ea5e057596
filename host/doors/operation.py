"""OperationApi on the ports of a machine (host.api.operation)."""

from __future__ import annotations

from functools import cached_property

from foundation.failure import Failure
from host.api.operation import Counters, GuestAction, GuestSample, Hardware
from host.audit import Actor, record
from host.machine import Machine


class OperationDoor:
    """See host.api.operation.OperationApi."""

    def __init__(self, machine: Machine) -> None:
        """The door to ``machine``."""
        self._machine = machine

    @cached_property
    def _hardware(self) -> Hardware:
        return self._machine.hardware.facts()

    def hardware(self) -> Hardware:
        """Asked once."""
        return self._hardware

    def hypervisor(self) -> str:
        """As the guests' daemon says."""
        return self._machine.guest_watch.hypervisor()

    def counters(self) -> Counters:
        """The kernel's."""
        return self._machine.hardware.counters()

    def guests(self) -> tuple[GuestSample, ...]:
        """In one question."""
        return self._machine.guest_watch.sample()

    def act_on_guest(self, uuid: str, action: GuestAction, actor: Actor) -> None:
        """With a record of who wanted it, and of how it went."""
        name = f"guest-{action}"
        try:
            self._machine.guest_watch.act(uuid, action)
        except Failure as failure:
            record(actor, name, "failed", f"{action} of {uuid}: {failure.cause}", guest=uuid)
            raise
        record(actor, name, "done", f"{action} of {uuid}.", guest=uuid)
