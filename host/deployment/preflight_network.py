"""Preflight of the Manager's network: bridge, address, gateway, DNS."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface

from host.deployment.preflight_check import Check, Preflight, Situation
from host.machine.links import Link


def _bridge(now: Situation) -> Preflight:
    name = now.request.bridge
    found = _link(now)
    if found is None or found.kind != "bridge":
        words = "does not exist" if found is None else f"is of the kind {found.kind}, no bridge"
        bridges = [link.name for link in now.machine.links.links() if link.kind == "bridge"]
        return Preflight(
            "bridge",
            "failed",
            f"{name} {words}.",
            f"This host has: {', '.join(bridges) or 'none'}. Make one: `network add bridge`.",
        )
    if found.carrier is False:
        return Preflight(
            "bridge", "warning", f"{name} has no link.", "Look at the cables of its ports."
        )
    return Preflight("bridge", "ok", f"{name} is up.")


def _subnet(now: Situation) -> Preflight:
    """Whether this host reaches the Manager's subnet over the bridge, without a router."""
    own = ip_interface(now.request.address)
    link = _link(now)
    if link is None:
        return Preflight("subnet", "unknown", "There is no bridge to compare with.")
    for address in link.addresses:
        there = ip_interface(address.address)
        if there.ip == own.ip:
            return Preflight(
                "subnet",
                "failed",
                f"{own.ip} is this host's own address.",
                "Give the Manager one of its own.",
            )
        if own.version == there.version and own.ip in there.network:
            if there.network.prefixlen == own.network.prefixlen:
                return Preflight("subnet", "ok", f"{own} is in the subnet of {link.name}.")
            return Preflight(
                "subnet",
                "warning",
                f"{link.name} has the prefix length {there.network.prefixlen}, and the Manager "
                f"would have {own.network.prefixlen}.",
                "Use the same one, unless the network is meant so.",
            )
    return Preflight(
        "subnet",
        "warning",
        f"{own} is in no subnet that {link.name} has an address in.",
        "This host reaches the Manager only if a router leads there.",
    )


def _address(now: Situation) -> Preflight:
    links, request = now.machine.links, now.request
    if _link(now) is None:
        return Preflight("address", "unknown", "There is no bridge to ask on.")
    holder = None
    if ip_address(request.ip).version == 4:
        holder = links.other_holder(request.bridge, request.ip)
    elif links.neighbour_answers(request.bridge, request.ip):
        holder = "a machine"
    if holder is None and not _is_on_link(now) and links.answers_ping(request.ip):
        holder = "a machine behind a router, which answers ping"
    if holder is not None:
        return Preflight(
            "address",
            "failed",
            f"{request.ip} is in use by {holder}.",
            "Choose a free address, outside of what a DHCP server gives away.",
        )
    return Preflight("address", "ok", f"Nobody answers at {request.ip}.")


def _gateway(now: Situation) -> Preflight:
    gateway = now.request.gateway
    if gateway is None:
        return Preflight(
            "gateway",
            "warning",
            "The Manager would have no gateway.",
            "Then only machines of its own subnet reach it.",
        )
    if now.machine.links.neighbour_answers(now.request.bridge, gateway):
        return Preflight("gateway", "ok", f"{gateway} answers on {now.request.bridge}.")
    return Preflight(
        "gateway",
        "warning",
        f"{gateway} does not answer on {now.request.bridge}.",
        "See that the address is right and the router is on.",
    )


def _name(now: Situation) -> Preflight:
    """A name without dots is a label of no DNS; then the Manager is reached by its address."""
    name, ip = now.request.hostname, now.request.ip
    if "." not in name:
        return Preflight("name", "ok", f"{name} is no DNS name: the address {ip} is used.")
    forward = now.machine.manager.names.addresses(name)
    if not forward:
        return Preflight(
            "name", "warning", f"{name} is not in DNS.", f"Enter it as {ip}, or use the address."
        )
    if ip not in forward:
        return Preflight(
            "name",
            "failed",
            f"In DNS {name} is {', '.join(forward)}, not {ip}.",
            "Correct DNS or the address; people would reach another machine.",
        )
    backward = now.machine.manager.names.names(ip)
    if name not in (one.lower() for one in backward):
        found = ", ".join(backward) or "nothing"
        return Preflight(
            "name",
            "warning",
            f"{name} is {ip}, but in reverse {ip} is {found}.",
            "Enter a PTR record; some LDAP and Kerberos services ask for it.",
        )
    return Preflight("name", "ok", f"{name} is {ip}, both ways.")


def _name_servers(now: Situation) -> Preflight:
    if not now.request.dns:
        return Preflight(
            "dns",
            "warning",
            "The Manager would have no DNS server.",
            "Then directories and time servers must be given by address.",
        )
    silent = [server for server in now.request.dns if not now.machine.links.answers_dns(server)]
    if not silent:
        return Preflight("dns", "ok", f"{', '.join(now.request.dns)} answer.")
    state = "failed" if len(silent) == len(now.request.dns) > 1 else "warning"
    return Preflight(
        "dns",
        "warning" if state == "warning" else "failed",
        f"These DNS servers do not answer: {', '.join(silent)}.",
        "See that the addresses are right.",
    )


def _is_on_link(now: Situation) -> bool:
    """Whether the bridge has an address in the Manager's subnet."""
    own, link = ip_interface(now.request.address), _link(now)
    there = [ip_interface(one.address) for one in link.addresses] if link is not None else []
    return any(own.version == one.version and own.ip in one.network for one in there)


def _link(now: Situation) -> Link | None:
    links = now.machine.links.links()
    return next((link for link in links if link.name == now.request.bridge), None)


CHECKS: tuple[tuple[str, Check], ...] = (
    ("bridge", _bridge),
    ("subnet", _subnet),
    ("address", _address),
    ("gateway", _gateway),
    ("name", _name),
    ("dns", _name_servers),
)
