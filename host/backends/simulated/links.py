"""The links of a simulated machine (host.machine.links.Links).

They are those of the machine's JSON. ``answering`` there lists the addresses that answer, with
``gateway`` and the DNS servers among them; without it everything does. ``claimed`` tells which MAC
address claims an address of ours.
"""

from __future__ import annotations

from typing import Any

from foundation.failure import Failure
from host.backends.simulated.simulation import Simulation
from host.machine.links import DefaultRoute, Link, LinkAddress, LinkNeighbour


class SimulatedLinks:
    """``blinked`` lists the ports whose lamp was made to blink."""

    def __init__(self, simulation: Simulation) -> None:
        """Read from the simulation's facts at each call."""
        self._simulation = simulation
        self.blinked: list[str] = []

    def links(self) -> tuple[Link, ...]:
        """As the machine's JSON says."""
        self._simulation.meet("links.links")
        facts = self._simulation.facts
        links = [_link(one) for one in facts.get("interfaces", ())]
        for bridge, ports in facts.get("guest_ports", {}).items():
            links += [
                Link(port, "tun", "fe:54:00:00:00:01", carrier=True, controller=bridge,
                     is_guests=True)
                for port in ports
            ]  # fmt: skip
        return tuple(links)

    def default_routes(self) -> tuple[DefaultRoute, ...]:
        """One, where the machine has a gateway."""
        gateway, interface = (self._simulation.facts.get(k) for k in ("gateway", "management"))
        return (DefaultRoute(gateway, interface or ""),) if gateway else ()

    def name_servers(self) -> tuple[str, ...]:
        """As the machine's JSON says."""
        return tuple(self._simulation.facts.get("name_servers", ()))

    def other_holder(self, interface: str, address: str) -> str | None:
        """As the machine's JSON says."""
        self._simulation.meet("links.other_holder")
        holder: str | None = self._simulation.facts.get("claimed", {}).get(address)
        return holder

    def neighbour_answers(self, interface: str, address: str) -> bool:
        """As the machine's JSON says."""
        self._simulation.meet("links.neighbour_answers")
        return self._answers(address)

    def answers_dns(self, server: str) -> bool:
        """As the machine's JSON says."""
        self._simulation.meet("links.answers_dns")
        return self._answers(server)

    def way_to(self, address: str) -> DefaultRoute | None:
        """The default route, for everything."""
        return next(iter(self.default_routes()), None)

    def answers_ping(self, address: str) -> bool:
        """As the machine's JSON says."""
        return self._answers(address)

    def blink(self, port: str, seconds: int) -> None:
        """Note it."""
        self._simulation.changes("links.blink")
        if port not in {link.name for link in self.links() if link.permanent_mac}:
            raise Failure(f"The lamp of {port} cannot be made to blink.")
        self.blinked.append(port)

    def _answers(self, address: str) -> bool:
        answering: list[str] | None = self._simulation.facts.get("answering")
        return answering is None or address in answering


def _link(one: dict[str, Any]) -> Link:
    up = bool(one.get("link"))
    return Link(
        name=one["name"],
        kind=one["kind"],
        mac=one["mac"],
        permanent_mac=one["mac"] if one["kind"] == "ethernet" else None,
        carrier=up,
        speed=one.get("speed"),
        duplex="full" if up and one["kind"] == "ethernet" else None,
        addresses=tuple(LinkAddress(address) for address in one.get("addresses", ())),
        controller=one.get("controller"),
        profile=f"flexvdi-{one['name']}",
        state="up" if up else "unavailable",
        reason="" if up else "There is no link: the cable is out, or the switch's port is off.",
        neighbours=tuple(LinkNeighbour(**told) for told in one.get("neighbours", ())),
    )
