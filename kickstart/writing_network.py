"""The interfaces of a plan as ``network`` lines, as far as kickstart has words for them."""

from __future__ import annotations

import json
import shlex
from ipaddress import IPv4Interface
from typing import Any

from host.document.network import (
    VLAN,
    Bond,
    Bridge,
    Ethernet,
    Interface,
    IPv4Settings,
    IPv6Settings,
    Network,
)
from kickstart.install_plan import InstallPlan

_NO_WORDS = ("alias", "dns_options", "priority")
"""What of an interface no line has words for, though it denies none of it."""


def command_line(command: str, *words: str, **options: Any) -> str:
    """A command with its options: None and False are left out, True is an option without value."""
    parts = [command, *(shlex.quote(word) for word in words)]
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            parts.append(option)
        elif value not in (None, False, "", ()):
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            parts.append(f"{option}={shlex.quote(text)}")
    return " ".join(parts)


def network_lines(plan: InstallPlan) -> list[str]:
    """One line for each interface that a line can describe."""
    found = {device.name: device for device in plan.network_devices}
    lines = []
    for interface in plan.document.network.interfaces:
        if not _has_words(interface):
            continue
        below = interface.parent if isinstance(interface, VLAN) else interface.name
        device = found.get(below)
        named = device.mac if device and device.by == "mac" else below
        if isinstance(interface, Ethernet) and interface.mac and not device:
            named = interface.mac
        active = interface.name in plan.network_active
        lines.append(
            command_line(
                "network",
                device=named,
                bindto="mac" if device and device.by != "mac" and device.pin else None,
                **_kind(interface),
                **_addresses(interface),
                mtu=interface.mtu,
                nameserver=tuple(map(str, interface.dns_servers)),
                ipv4_dns_search=interface.dns_search,
                onboot=None if interface.activate else "no",
                activate=active,
                no_activate=not active,
            )
        )
    return lines


def beyond_commands(network: Network) -> list[dict[str, Any]]:
    """What of the interfaces the addon must say: refinements of lines, or whole interfaces."""
    beyond = []
    for interface in network.interfaces:
        values: dict[str, Any] = json.loads(interface.model_dump_json(exclude_defaults=True))
        named = {"name": interface.name}
        if not _has_words(interface):
            beyond.append({**named, "kind": interface.kind, **values})
            continue
        more = {"ipv4": _beyond_line(interface.ipv4), "ipv6": _beyond_line(interface.ipv6)}
        more |= {name: values[name] for name in _NO_WORDS if name in values}
        if any(more.values()):
            beyond.append({**named, **{name: value for name, value in more.items() if value}})
    return beyond


def _beyond_line(family: IPv4Settings | IPv6Settings) -> dict[str, Any]:
    """What a line has no words for, but does not deny either."""
    values: dict[str, Any] = json.loads(family.model_dump_json(exclude_defaults=True))
    wanted = {"routes", "gateway_on_link", "route_metric"}
    if len(family.addresses) > 1 or family.method != "manual":
        wanted.add("addresses")
    return {name: value for name, value in values.items() if name in wanted}


def _has_words(interface: Interface) -> bool:
    """Whether a line can describe the interface without saying what it is not.

    Of the others the plan's ``network_active`` is not kept.
    """
    ipv4, ipv6 = interface.ipv4, interface.ipv6
    return (
        ipv6.method != "link-local"
        and (ipv6.method != "disabled" or (ipv6.automatic_dns and ipv6.default_route))
        and (ipv4.method != "disabled" or (ipv4.automatic_dns and ipv4.default_route))
        and len(_default_routes(interface)) <= 1
        and (not isinstance(interface, Bridge) or bool(interface.ports))
        and (not isinstance(interface, Bond) or _has_plain_options(interface))
        and (not isinstance(interface, Ethernet) or interface.mac is None or _is_found(interface))
    )


def _default_routes(interface: Interface) -> set[bool]:
    """What the families that are used say of the default route; a line says it of both."""
    families = (interface.ipv4, interface.ipv6)
    return {family.default_route for family in families if family.method != "disabled"}


def _has_plain_options(bond: Bond) -> bool:
    return not any(mark in value for value in bond.options.values() for mark in ";,= ")


def _is_found(interface: Ethernet) -> bool:
    """Whether the name is what the reader makes of the MAC address."""
    return interface.name == "mac" + (interface.mac or "").replace(":", "")


def _kind(interface: Interface) -> dict[str, Any]:
    match interface:
        case Bond():
            pairs = {"mode": interface.mode, **interface.options}
            options = tuple(f"{name}={value}" for name, value in pairs.items())
            return {"bondslaves": interface.ports, "bondopts": options}
        case VLAN():
            return {"vlanid": interface.id, "interfacename": interface.name}
        case Bridge():
            options = (f"stp={'yes' if interface.stp else 'no'}",)
            if interface.forward_delay is not None:
                options += (f"forward-delay={interface.forward_delay}",)
            return {"bridgeslaves": interface.ports, "bridgeopts": options}
        case Ethernet():
            return {}


def _addresses(interface: Interface) -> dict[str, Any]:
    ipv4, ipv6 = interface.ipv4, interface.ipv6
    options: dict[str, Any] = {
        "nodefroute": False in _default_routes(interface),
        "ipv4_ignore_auto_dns": not ipv4.automatic_dns,
        "ipv6_ignore_auto_dns": not ipv6.automatic_dns,
        "noipv4": ipv4.method == "disabled",
        "noipv6": ipv6.method == "disabled",
    }
    if ipv4.method == "auto":
        options["bootproto"] = "dhcp"
    elif ipv4.method == "manual":
        address: IPv4Interface = ipv4.addresses[0]
        options |= {
            "bootproto": "static",
            "ip": address.ip,
            "netmask": address.netmask,
            "gateway": ipv4.gateway,
        }
    if ipv6.method == "dhcp":
        options["ipv6"] = "dhcp"
    elif ipv6.method == "manual":
        options |= {"ipv6": ipv6.addresses[0], "ipv6gateway": ipv6.gateway}
    return options
