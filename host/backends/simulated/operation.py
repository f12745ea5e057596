"""Hardware and guests in memory (host.machine.hardware, host.machine.guest_watch).

The machine's JSON may have ``hardware`` (fields of host.api.operation.Hardware), and ``domains``:
a list of guests, or how many there are to be. Counters grow with time, each guest's at its own
pace, so that graphs show something.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from typing import Any

from foundation.failure import Failure
from host.api.operation import Counters, GuestAction, GuestRunState, GuestSample, Hardware
from host.backends.simulated.simulation import Simulation

_GIB = 1 << 30
_AFTER: dict[GuestAction, GuestRunState] = {
    "start": "running",
    "shut-down": "off",
    "force-off": "off",
}


class SimulatedHardware:
    """As the machine's JSON says."""

    def __init__(self, simulation: Simulation) -> None:
        """Booted now."""
        self._simulation = simulation
        self._booted_at = time.time()

    def facts(self) -> Hardware:
        """The identity follows from the host's name unless it is given."""
        given: dict[str, Any] = self._simulation.facts.get("hardware", {})
        name = self._simulation.facts["hostname"]
        usual = Hardware(
            identity=str(uuid.uuid5(uuid.NAMESPACE_DNS, name)),
            boot_id=str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name} {self._booted_at}")),
            booted_at=self._booted_at,
            cpu_model="Simulated processor",
            sockets=2,
            cores=32,
            threads=64,
            memory=256 * _GIB,
        )
        return replace(usual, **given)

    def counters(self) -> Counters:
        """A quarter of the processors is busy."""
        self._simulation.meet("hardware.counters")
        facts = self.facts()
        return _counters(facts.threads / 4, facts.memory // 2)


class SimulatedGuestWatch:
    """Guests that can be started and stopped; ``guests.sample`` may meet faults and be held."""

    def __init__(self, simulation: Simulation) -> None:
        """As the machine's JSON says."""
        self._simulation = simulation
        said: list[dict[str, Any]] | int = simulation.facts.get("domains", 0)
        if isinstance(said, int):
            said = [{"name": f"desktop-{number:03}"} for number in range(1, said + 1)]
        guests = (_guest(simulation.facts["hostname"], **one) for one in said)
        self.guests: dict[str, GuestSample] = {guest.uuid: guest for guest in guests}

    def sample(self) -> tuple[GuestSample, ...]:
        """With counters for those that run."""
        self._simulation.meet("guests.sample")
        return tuple(
            replace(guest, counters=_counters(0.2 + number % 7 / 10, guest.memory // 2))
            if guest.state != "off"
            else guest
            for number, guest in enumerate(self.guests.values())
        )

    def act(self, uuid: str, action: GuestAction) -> None:
        """At once."""
        self._simulation.changes("guests.act", f"guests.{action}")
        if uuid not in self.guests:
            raise Failure(
                f"There is no guest {uuid} on this host.",
                "It may have moved; look at the list again.",
            )
        self.guests[uuid] = replace(self.guests[uuid], state=_AFTER[action])

    def hypervisor(self) -> str:
        """A name of its own."""
        return "Simulator 1.0.0"


def _guest(
    hostname: str,
    name: str,
    state: GuestRunState = "running",
    vcpus: int = 2,
    memory: int = 4 * _GIB,
    autostart: bool = False,
    identity: str = "",
) -> GuestSample:
    known = identity or str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.{hostname}"))
    return GuestSample(known, name, state, vcpus, memory, autostart)


def _counters(busy: float, memory: int) -> Counters:
    now = time.monotonic()
    grown = int(now * 100_000 * (1 + busy))
    return Counters(now, now * busy, memory, grown, grown // 2, grown * 3, grown * 2)
