"""Trying a network: is there a link, an address, nobody else with it, a gateway, DNS, one's peer.

What is tried follows from the document and from what is up. The trials wait for answers from
outside, so they run side by side; the results come in a fixed order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address, ip_interface
from threading import Event

from foundation.failure import Cancelled, Failure
from host.api.network import Probe, ProbeKind
from host.document.network import Bond, Ethernet, Interface, Network, ports_of
from host.machine.links import DefaultRoute, Link, Links

_AT_ONCE = 16
Trial = Callable[[], Probe]


def probe_network(
    network: Network, links: Links, peer: str, cancel: Event | None = None
) -> tuple[Probe, ...]:
    """Try everything. ``peer`` is where the person asking comes from, empty for a console."""
    found = links.links()
    trials: list[Trial] = []
    for interface in _interfaces_of(network, found):
        trials += _trials_of(interface, found, links)
    trials += [_gateway(route, links) for route in links.default_routes()]
    if not links.default_routes():
        trials.append(_no_gateway)
    trials += [_name_server(server, links) for server in links.name_servers()]
    if _is_address(peer):
        trials.append(_peer(peer, links))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        running = [pool.submit(trial) for trial in trials]
        results = [trial.result() for trial in running]
    if cancel is not None and cancel.is_set():
        raise Cancelled("trying the network")
    return tuple(results)


def _interfaces_of(network: Network, found: tuple[Link, ...]) -> list[Interface]:
    """Those of the document that stand alone; without any, the wired ports that are up."""
    if network.interfaces:
        ports = {port for interface in network.interfaces for port in ports_of(interface)}
        return [one for one in network.interfaces if one.name not in ports and one.activate]
    return [Ethernet(name=link.name) for link in found if link.kind == "ethernet" and link.carrier]


def kernel_name(interface: Interface, found: tuple[Link, ...]) -> str:
    """What the kernel calls an interface of the document."""
    if isinstance(interface, Ethernet) and interface.mac:
        for link in found:
            if (link.permanent_mac or link.mac).lower() == interface.mac:
                return link.name
    return interface.name


def _trials_of(interface: Interface, found: tuple[Link, ...], links: Links) -> list[Trial]:
    by_name = {link.name: link for link in found}
    name = kernel_name(interface, found)
    link = by_name.get(name)
    if link is None:
        probe = Probe(
            "link",
            interface.name,
            "",
            "failed",
            "This interface does not exist.",
            "See `journalctl -u NetworkManager`; a port may be missing, or have another name.",
        )
        return [lambda: probe]
    trials: list[Trial] = [lambda: _link(interface, link, by_name)]
    trials += [
        _constant(_address(interface, link, str(address)))
        for address in (*interface.ipv4.addresses, *interface.ipv6.addresses)
    ]
    if interface.ipv4.method == "auto" or interface.ipv6.method in ("auto", "dhcp"):
        trials.append(lambda: _automatic(interface, link))
    trials += [
        _duplicate(interface, link, one.address, links)
        for one in link.addresses
        if not ip_interface(one.address).ip.is_link_local
    ]
    return trials


def _constant(probe: Probe) -> Trial:
    return lambda: probe


def _link(interface: Interface, link: Link, by_name: Mapping[str, Link]) -> Probe:
    name = interface.name
    if link.carrier is False:
        return Probe(
            "link",
            name,
            "",
            "failed",
            link.reason or "There is no link.",
            "Look at the cable and at the switch's port; `flexvdi-config network identify` blinks.",
        )
    if isinstance(interface, Bond):
        down = [port for port in interface.ports if not _has_carrier(by_name.get(port))]
        if down:
            return Probe(
                "link",
                name,
                "",
                "warning",
                f"{len(down)} of {len(interface.ports)} ports have no link: {', '.join(down)}.",
                "The bond works on the others. Look at the cables of these.",
            )
    speed = f", {link.speed} Mbit/s" if link.speed else ""
    return Probe("link", name, "", "ok", f"There is a link{speed}.")


def _has_carrier(link: Link | None) -> bool:
    return link is not None and link.carrier is not False


def _address(interface: Interface, link: Link, wanted: str) -> Probe:
    held = {str(ip_interface(one.address)): one for one in link.addresses}
    one = held.get(str(ip_interface(wanted)))
    if one is None:
        return Probe(
            "address",
            interface.name,
            wanted,
            "failed",
            "The interface does not have this address.",
            "See `journalctl -u NetworkManager` for the reason.",
        )
    if one.detection == "tentative":
        return Probe(
            "address", interface.name, wanted, "warning", "The address is still being checked."
        )
    return Probe("address", interface.name, wanted, "ok", "The interface has this address.")


def _automatic(interface: Interface, link: Link) -> Probe:
    given = [
        one.address for one in link.addresses if not ip_interface(one.address).ip.is_link_local
    ]
    if given:
        return Probe("address", interface.name, ", ".join(given), "ok", "An address was given.")
    return Probe(
        "address",
        interface.name,
        "",
        "failed",
        "No address has been given by DHCP or a router yet.",
        "Is there a DHCP server on this network? A wrong VLAN looks the same.",
    )


def _duplicate(interface: Interface, link: Link, address: str, links: Links) -> Trial:
    def attempt() -> Probe:
        ip = ip_interface(address).ip
        refused = any(
            one.address == address and one.detection == "duplicate" for one in link.addresses
        )
        other = links.other_holder(link.name, str(ip)) if ip.version == 4 else None
        if refused or other:
            by = f" by {other}" if other else ""
            return Probe(
                "duplicate",
                interface.name,
                str(ip),
                "failed",
                f"The address is also used{by}.",
                "Give one of the two another address.",
            )
        return Probe("duplicate", interface.name, str(ip), "ok", "Nobody else has this address.")

    return _careful("duplicate", interface.name, address, attempt)


def _gateway(route: DefaultRoute, links: Links) -> Trial:
    def attempt() -> Probe:
        if links.neighbour_answers(route.interface, route.gateway):
            return Probe("gateway", route.interface, route.gateway, "ok", "The gateway answers.")
        return Probe(
            "gateway",
            route.interface,
            route.gateway,
            "failed",
            "The gateway does not answer.",
            "Look at its address, at the VLAN, and whether the switch's port is in it.",
        )

    return _careful("gateway", route.interface, route.gateway, attempt)


def _no_gateway() -> Probe:
    return Probe(
        "gateway",
        "",
        "",
        "warning",
        "There is no default route, so only the host's own networks can be reached.",
        "Set a gateway, if this is not meant.",
    )


def _name_server(server: str, links: Links) -> Trial:
    def attempt() -> Probe:
        if links.answers_dns(server):
            return Probe("dns", "", server, "ok", "The DNS server answers.")
        return Probe(
            "dns",
            "",
            server,
            "failed",
            "The DNS server does not answer.",
            "Look at its address; a firewall on the way may drop port 53.",
        )

    return _careful("dns", "", server, attempt)


def _peer(peer: str, links: Links) -> Trial:
    def attempt() -> Probe:
        way = links.way_to(peer)
        if way is None:
            return Probe(
                "peer",
                "",
                peer,
                "failed",
                "There is no way back to where you are connected from.",
                "Do not confirm: set a gateway or a route to it.",
            )
        if links.answers_ping(peer):
            return Probe("peer", way.interface, peer, "ok", "Where you are answers.")
        next_hop = way.gateway or peer
        if links.neighbour_answers(way.interface, next_hop):
            return Probe(
                "peer",
                way.interface,
                peer,
                "ok",
                f"The next station on the way to you, {next_hop}, answers.",
            )
        return Probe(
            "peer",
            way.interface,
            peer,
            "failed",
            f"The next station on the way to you, {next_hop}, does not answer.",
            "Do not confirm, unless you see this in a connection of the new network.",
        )

    return _careful("peer", "", peer, attempt)


def _careful(kind: ProbeKind, interface: str, target: str, attempt: Trial) -> Trial:
    """A trial that could not be made is a result as well."""

    def run() -> Probe:
        try:
            return attempt()
        except Failure as failure:
            return Probe(kind, interface, target, "unknown", failure.cause, failure.remedy)

    return run


def _is_address(text: str) -> bool:
    try:
        return not ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False
