"""Watching the host, whether the Manager is there or not: facts, guests and their load.

What is looked at more often is what changes more often. A part that does not answer leaves what is
known of it as it is, and makes the host ``degraded`` with the reason.
"""

from __future__ import annotations

import logging
from dataclasses import asdict

from agent.asking import Question
from agent.load import load_between
from agent.places import storages_of
from agent.protocol.inventory import (
    CheckFacts,
    GuestFacts,
    HostFacts,
    InterfaceFacts,
    MaintenanceFacts,
)
from agent.protocol.statistics import GuestLoad
from agent.protocol.to_manager import Statistics
from agent.snapshot import Snapshot
from foundation.failure import Failure
from host.api import HostApi
from host.api.operation import Counters, GuestSample

log = logging.getLogger("flexvdi.agent")

_PATIENCE_WITH_LIBVIRT = 10.0  # seconds
_PATIENCE_WITH_THE_REST = 60.0
_MOST_GUESTS = 2000


class Observer:
    """What is known of the host; ``snapshot`` and ``statistics`` are replaced, never changed."""

    def __init__(self, host: HostApi) -> None:
        """Nothing is known yet."""
        self.snapshot = Snapshot()
        self._degraded: dict[str, str] = {}
        self._facts: HostFacts | None = None
        self._host = host
        self._ask_facts = Question("The host", self._look_at_host, _PATIENCE_WITH_THE_REST)
        self._ask_guests = Question("libvirt", host.operation.guests, _PATIENCE_WITH_LIBVIRT)
        self._ask_counters = Question("The kernel", host.operation.counters, _PATIENCE_WITH_LIBVIRT)
        self._samples: dict[str, GuestSample] = {}
        self._counters: Counters | None = None
        self._sampled: tuple[dict[str, GuestSample], Counters] | None = None

    async def look_at_host(self) -> None:
        """All of the host but its guests; takes some hundred milliseconds of processor."""
        try:
            self._facts = await self._ask_facts.answer()
            self._degraded.pop("host", None)
        except Failure as failure:
            self._degraded["host"] = failure.cause
        self._renew()

    async def look_at_guests(self) -> None:
        """States and counters of all guests."""
        try:
            found = await self._ask_guests.answer()
            self._samples = {guest.uuid: guest for guest in found[:_MOST_GUESTS]}
            self._degraded.pop("guests", None)
        except Failure as failure:
            self._degraded["guests"] = failure.cause
        try:
            self._counters = await self._ask_counters.answer()
        except Failure as failure:
            log.warning("%s", failure)
        self._renew()

    def statistics(self, now: float) -> Statistics | None:
        """The load since the last call, from what was looked at; None when there is no news."""
        if self._counters is None or self._facts is None:
            return None
        before, self._sampled = self._sampled, (self._samples, self._counters)
        if before is None:
            return None
        samples, counters = before
        host = load_between(counters, self._counters, self._facts.cpu_threads)
        if host is None:
            return None
        guests = []
        for uuid, guest in self._samples.items():
            earlier = samples.get(uuid)
            if guest.counters is None or earlier is None or earlier.counters is None:
                continue
            load = load_between(earlier.counters, guest.counters, guest.vcpus)
            if load is not None:
                guests.append(GuestLoad(uuid=uuid, **dict(load)))
        seconds = round(self._counters.at - counters.at, 2)
        return Statistics(at=now, seconds=seconds, host=host, guests=tuple(guests))

    def _renew(self) -> None:
        facts = self._facts
        if facts is not None:
            facts = facts.model_copy(update={"degraded": tuple(self._degraded.values())})
            if facts == self.snapshot.host:
                facts = self.snapshot.host
        known = self.snapshot.guests
        guests = {}
        for uuid, guest in self._samples.items():
            made = _guest(guest)
            guests[uuid] = known[uuid] if known.get(uuid) == made else made
        self.snapshot = Snapshot(facts, guests)

    def _look_at_host(self) -> HostFacts:
        status, hardware = self._host.status(), self._host.operation.hardware()
        maintenance = self._host.maintenance()
        return HostFacts(
            host_name=status.identity.hostname,
            product=status.identity.product,
            version=status.identity.version,
            displays=status.identity.displays or (),
            boot_id=hardware.boot_id,
            booted_at=round(hardware.booted_at),
            cpu_model=hardware.cpu_model,
            cpu_sockets=hardware.sockets,
            cpu_cores=hardware.cores,
            cpu_threads=hardware.threads,
            memory=hardware.memory,
            hypervisor=self._host.operation.hypervisor(),
            accelerator=self._host.virtualization().accelerator or "",
            storages=storages_of(self._host),
            management_address=status.management_address,
            interfaces=tuple(InterfaceFacts(**asdict(one)) for one in status.interfaces),
            checks=tuple(CheckFacts(**asdict(one)) for one in status.checks),
            maintenance=MaintenanceFacts(
                who=maintenance.who, reason=maintenance.reason, since=maintenance.since
            )
            if maintenance is not None
            else None,
            manager_places=self._manager_places(),
        )

    def _manager_places(self) -> tuple[str, ...]:
        try:
            membership = self._host.document().membership
        except Failure:  # a host without a document can be looked at all the same
            return ()
        return tuple(place.address for place in membership.places) if membership else ()


def _guest(sample: GuestSample) -> GuestFacts:
    return GuestFacts(
        uuid=sample.uuid,
        name=sample.name,
        state=sample.state,
        vcpus=sample.vcpus,
        memory=sample.memory,
        autostart=sample.autostart,
    )
