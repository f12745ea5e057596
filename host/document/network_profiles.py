"""What a document's network is in NetworkManager's terms: its connection profiles, as keyfiles.

The format is nm-settings-keyfile(5), in the common subset of NetworkManager 1.42 and newer: ports
name their controller by ``master`` and ``slave-type``, which newer versions read as well as their
own ``controller`` and ``port-type``. Profiles refer to each other by UUID, and a UUID follows from
the interface's name alone, so the same document gives the same bytes on every host.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid5

from host.document.network import (
    VLAN,
    Bond,
    Bridge,
    Ethernet,
    Interface,
    IPv4Settings,
    IPv6Settings,
    Network,
    Route,
    below,
)

PROFILE_PREFIX = "flexvdi-"
PROFILE_SUFFIX = ".nmconnection"
ANY_PORT = "any-port"

_NAMESPACE = UUID("6b0d5d0e-6a55-5d4e-9a0f-3c9f5f0c7e11")
_MIIMON = "100"  # milliseconds between looks at a port's link, where the document does not say
_MULTIPLE = "3"  # NMConnectionMultiConnect: the profile may be active on several devices

Section = dict[str, str]
Profile = dict[str, Section]


def profile_uuid(name: str) -> str:
    """The UUID of the profile of the interface ``name``."""
    return str(uuid5(_NAMESPACE, name))


def profile_file(name: str) -> str:
    """The file name of the profile of the interface ``name``."""
    return f"{PROFILE_PREFIX}{name}{PROFILE_SUFFIX}"


def network_profiles(
    network: Network, permanent_macs: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Keyfile name to content, for the whole network.

    ``permanent_macs`` tells the permanent MAC addresses of ports by name where the document finds
    a port by its name only; with it, a bridge keeps the address of its first port.
    """
    if not network.interfaces:
        return {profile_file(ANY_PORT): _keyfile(_any_port())}
    described = {interface.name: interface for interface in network.interfaces}
    controllers = {
        port: interface
        for interface in network.interfaces
        if isinstance(interface, Bond | Bridge)
        for port in interface.ports
    }
    lower = [name for interface in network.interfaces for name in below(interface)]
    silent = [
        Ethernet(
            name=name,
            mtu=_largest_above(name, network),
            ipv4=IPv4Settings(method="disabled"),
            ipv6=IPv6Settings(method="disabled"),
        )
        for name in dict.fromkeys(lower)
        if name not in described
    ]
    macs = {
        **(permanent_macs or {}),
        **{i.name: i.mac for i in network.interfaces if isinstance(i, Ethernet) and i.mac},
    }
    kernel_names = _kernel_names(network, permanent_macs or {})
    return {
        profile_file(interface.name): _keyfile(
            _profile(interface, controllers.get(interface.name), described, macs, kernel_names)
        )
        for interface in (*network.interfaces, *silent)
    }


def _largest_above(name: str, network: Network) -> int | None:
    """The size of frames that whatever stands on an undescribed port needs of it."""
    return max((i.mtu for i in network.interfaces if name in below(i) and i.mtu), default=None)


def _kernel_names(network: Network, permanent_macs: Mapping[str, str]) -> dict[str, str]:
    """The kernel's name for every port that the document finds by its MAC address."""
    by_mac = {mac.lower(): name for name, mac in permanent_macs.items()}
    return {
        interface.name: by_mac[interface.mac]
        for interface in network.interfaces
        if isinstance(interface, Ethernet) and interface.mac in by_mac
    }


def _any_port() -> Profile:
    """Every wired port asks DHCP and router advertisements."""
    return {
        "connection": {
            "id": f"{PROFILE_PREFIX}{ANY_PORT}",
            "uuid": profile_uuid(ANY_PORT),
            "type": "ethernet",
            "autoconnect-priority": "-100",
            "multi-connect": _MULTIPLE,
        },
        "ethernet": {},
        "ipv4": {"method": "auto"},
        "ipv6": {"addr-gen-mode": "eui64", "ip6-privacy": "0", "method": "auto"},
    }


def _profile(
    interface: Interface,
    controller: Bond | Bridge | None,
    described: Mapping[str, Interface],
    macs: Mapping[str, str],
    kernel_names: Mapping[str, str],
) -> Profile:
    connection = {
        "id": f"{PROFILE_PREFIX}{interface.name}",
        "uuid": profile_uuid(interface.name),
        "type": interface.kind,
        "autoconnect": _boolean(interface.activate),
    }
    ethernet: Section = {}
    profile: Profile = {"connection": connection, "ethernet": ethernet}
    if isinstance(interface, Ethernet) and interface.mac:
        ethernet["mac-address"] = interface.mac.upper()
    else:
        connection["interface-name"] = interface.name
    if isinstance(interface, Ethernet):
        connection["lldp"] = "1"  # listen, so that the network page can name switch and port
    if interface.mtu is not None:
        ethernet["mtu"] = str(interface.mtu)
    if isinstance(interface, Bond):
        connection["autoconnect-slaves"] = "1"
        profile["bond"] = _bond(interface, kernel_names)
    elif isinstance(interface, VLAN):
        profile["vlan"] = {
            "flags": "1",  # NM_VLAN_FLAG_REORDER_HEADERS, as the kernel does by default
            "id": str(interface.id),
            "parent": profile_uuid(interface.parent),
        }
    elif isinstance(interface, Bridge):
        connection["autoconnect-slaves"] = "1"
        mac = _mac_of_first_port(interface, described, macs)
        if mac:
            ethernet["cloned-mac-address"] = mac.upper()
        profile["bridge"] = _bridge(interface)
    if controller is not None:
        connection["master"] = profile_uuid(controller.name)
        connection["slave-type"] = controller.kind
        return profile
    profile["ipv4"] = _ipv4(interface)
    profile["ipv6"] = _ipv6(interface)
    return profile


def _bond(bond: Bond, kernel_names: Mapping[str, str]) -> Section:
    options = dict(bond.options)
    for option in ("primary", "active_slave"):
        if option in options:
            options[option] = kernel_names.get(options[option], options[option])
    if not {"miimon", "arp_interval"} & set(options):
        options["miimon"] = _MIIMON
    return {"mode": bond.mode, **dict(sorted(options.items()))}


def _bridge(bridge: Bridge) -> Section:
    section = {"stp": _boolean(bridge.stp)}
    if bridge.stp and bridge.forward_delay is not None:
        section["forward-delay"] = str(bridge.forward_delay)
    if bridge.stp and bridge.priority is not None:
        section["priority"] = str(bridge.priority)
    return section


def _mac_of_first_port(
    interface: Interface, described: Mapping[str, Interface], macs: Mapping[str, str]
) -> str | None:
    """The address that a bridge shall keep, so that DHCP servers and switches see one station."""
    if interface.name in macs:
        return macs[interface.name]
    if isinstance(interface, Bond | Bridge):
        lower = interface.ports[:1]
    elif isinstance(interface, VLAN):
        lower = (interface.parent,)
    else:
        lower = ()
    for name in lower:
        if name in described and name not in macs:
            return _mac_of_first_port(described[name], described, macs)
        return macs.get(name)
    return None


def _ipv4(interface: Interface) -> Section:
    settings = interface.ipv4
    section: Section = {"method": settings.method}
    if settings.method == "disabled":
        return section
    section.update(_addresses(settings))
    section.update(_names(interface, 4))
    return section


def _ipv6(interface: Interface) -> Section:
    settings = interface.ipv6
    section: Section = {"method": settings.method}
    if settings.method == "disabled":
        return section
    section["addr-gen-mode"] = "eui64"  # a server's address shall follow from its MAC address
    section["ip6-privacy"] = "0"
    section.update(_addresses(settings))
    section.update(_names(interface, 6))
    return section


def _addresses(settings: IPv4Settings | IPv6Settings) -> Section:
    section = {
        f"address{number}": str(address) for number, address in enumerate(settings.addresses, 1)
    }
    if settings.gateway is not None:
        section["gateway"] = str(settings.gateway)
    if not settings.default_route:
        section["never-default"] = "true"
    if not settings.automatic_dns:
        section["ignore-auto-dns"] = "true"
    if settings.route_metric is not None:
        section["route-metric"] = str(settings.route_metric)
    for number, route in enumerate(settings.routes, 1):
        section[f"route{number}"] = _route(route)
        if options := _route_options(route):
            section[f"route{number}_options"] = options
    return section


def _route(route: Route) -> str:
    parts = [route.destination]
    if route.gateway is not None or route.metric is not None:
        unspecified = "::" if route.network.version == 6 else "0.0.0.0"
        parts.append(str(route.gateway or unspecified))
    if route.metric is not None:
        parts.append(str(route.metric))
    return ",".join(parts)


def _route_options(route: Route) -> str:
    options = {
        "mtu": route.mtu,
        "onlink": "true" if route.on_link else None,
        "src": route.source,
        "table": route.table,
        "type": route.kind if route.kind != "unicast" else None,
    }
    return ",".join(f"{name}={value}" for name, value in options.items() if value is not None)


def _names(interface: Interface, version: int) -> Section:
    section: Section = {}
    servers = [str(server) for server in interface.dns_servers if server.version == version]
    if servers:
        section["dns"] = _list(servers)
    # Search list and options are the interface's, whichever family carries them.
    if version == (4 if interface.ipv4.method != "disabled" else 6):
        if interface.dns_search:
            section["dns-search"] = _list(interface.dns_search)
        if interface.dns_options:
            section["dns-options"] = _list(interface.dns_options)
    return section


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _list(values: list[str] | tuple[str, ...]) -> str:
    return "".join(f"{value};" for value in values)


def _keyfile(profile: Profile) -> str:
    """The text of a profile; a section without keys is left out unless it is the type's own."""
    kind = profile["connection"]["type"]
    blocks = []
    for title, keys in profile.items():
        if keys or title == kind:
            lines = [f"{key}={_escaped(value)}\n" for key, value in sorted(keys.items())]
            blocks.append(f"[{title}]\n{''.join(lines)}")
    return "\n".join(blocks)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\")
