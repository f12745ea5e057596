"""The links of this machine (host.machine.links.Links): iproute2, sysfs, NetworkManager."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from foundation.failure import Failure
from foundation.process import run
from host.backends.real import link_trials
from host.backends.real.bus import NETWORK_MANAGER, Bus, BusFailure
from host.backends.real.device_states import reason_in_words, state_in_words
from host.backends.real.guest_ports import GUEST_INTERFACES
from host.backends.real.network_profiles import ACTIVE, DEVICE, devices_by_name
from host.machine.links import DefaultRoute, Link, LinkAddress, LinkNeighbour

_SYSTEM = Path("/sys/class/net")
_RESOLVER = Path("/etc/resolv.conf")


class RealLinks:
    """What kernel and NetworkManager say, and who answers on the wire."""

    def links(self) -> tuple[Link, ...]:
        """See Links. Without NetworkManager, what the kernel says alone."""
        said = json.loads(run(["ip", "-json", "-details", "address", "show"], timeout=10).stdout)
        try:
            with Bus() as bus:
                devices = _devices(bus)
        except Failure:
            devices = {}
        return read_links(said, _SYSTEM, devices)

    def default_routes(self) -> tuple[DefaultRoute, ...]:
        """See Links."""
        found = []
        for family in ("-4", "-6"):
            said = run(["ip", "-json", family, "route", "show", "default"], timeout=10).stdout
            routes = [route for route in json.loads(said or "[]") if "gateway" in route]
            for route in sorted(routes, key=lambda route: int(route.get("metric", 0))):
                found.append(DefaultRoute(route["gateway"], route["dev"]))
        return tuple(dict.fromkeys(found))

    def name_servers(self) -> tuple[str, ...]:
        """See Links: those in resolv.conf(5)."""
        try:
            lines = _RESOLVER.read_text().splitlines()
        except OSError:
            return ()
        words = (line.split() for line in lines)
        return tuple(word[1] for word in words if len(word) > 1 and word[0] == "nameserver")

    def other_holder(self, interface: str, address: str) -> str | None:
        """See Links."""
        return link_trials.other_holder(interface, address)

    def neighbour_answers(self, interface: str, address: str) -> bool:
        """See Links."""
        return link_trials.neighbour_answers(interface, address)

    def answers_dns(self, server: str) -> bool:
        """See Links."""
        return link_trials.answers_dns(server)

    def way_to(self, address: str) -> DefaultRoute | None:
        """See Links."""
        try:
            said = run(["ip", "-json", "route", "get", address], timeout=10).stdout
        except Failure:  # the network is unreachable
            return None
        for route in json.loads(said or "[]"):
            if "dev" in route:
                return DefaultRoute(route.get("gateway", ""), route["dev"])
        return None

    def answers_ping(self, address: str) -> bool:
        """See Links."""
        return link_trials.answers_ping(address)

    def blink(self, port: str, seconds: int) -> None:
        """See Links."""
        try:
            run(["ethtool", "--identify", port, str(seconds)], timeout=seconds + 15)
        except Failure as failure:
            raise Failure(
                f"The lamp of {port} cannot be made to blink.",
                "Not every driver can; unplug and plug its cable, and watch `network show`.",
                details=failure.details or failure.cause,
            ) from failure


def read_links(
    said: list[dict[str, Any]], system: Path, devices: dict[str, dict[str, Any]]
) -> tuple[Link, ...]:
    """Links from `ip -json -details address`, sysfs under ``system``, and NetworkManager."""
    return tuple(
        _link(one, system / one["ifname"], devices.get(one["ifname"], {}))
        for one in said
        if one.get("ifname") and one.get("link_type") == "ether"
    )


def _link(one: dict[str, Any], folder: Path, device: dict[str, Any]) -> Link:
    name = one["ifname"]
    kind = one.get("linkinfo", {}).get("info_kind", "ethernet")
    # A port of a bond shows the bond's address; its own is kept beside it.
    port_data = one.get("linkinfo", {}).get("info_slave_data", {})
    permanent = one.get("permaddr") or port_data.get("perm_hwaddr")
    is_port = (folder / "device").exists()
    return Link(
        name=name,
        kind=kind,
        mac=one.get("address", ""),
        permanent_mac=permanent or (one.get("address") if is_port else None),
        carrier="LOWER_UP" in one["flags"] if "UP" in one["flags"] else None,
        speed=_speed(folder),
        duplex=_text(folder / "duplex") or None,
        driver=_driver(folder),
        mtu=one.get("mtu", 0),
        addresses=tuple(
            LinkAddress(f"{address['local']}/{address['prefixlen']}", _detection(address))
            for address in one.get("addr_info", ())
            if "local" in address and address.get("scope") in ("global", "site", "link")
        ),
        controller=one.get("master"),
        is_guests=name.startswith(GUEST_INTERFACES),
        profile=device.get("profile"),
        state=device.get("state", "unknown"),
        reason=device.get("reason", ""),
        neighbours=device.get("neighbours", ()),
    )


def _detection(address: dict[str, Any]) -> Any:
    if address.get("dadfailed"):
        return "duplicate"
    return "tentative" if address.get("tentative") else ""


def _speed(folder: Path) -> int | None:
    text = _text(folder / "speed")  # -1, or an error, when there is no link
    return int(text) if text.isdecimal() else None


def _driver(folder: Path) -> str:
    try:
        return (folder / "device/driver").readlink().name
    except OSError:
        return ""


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _devices(bus: Bus) -> dict[str, dict[str, Any]]:
    """NetworkManager's devices by name: state, reason, profile, and their LLDP neighbours."""
    found = {}
    for name, path in devices_by_name(bus).items():
        try:
            state, reason = bus.get(NETWORK_MANAGER, "StateReason", path=path, interface=DEVICE)
            found[name] = {
                "state": state_in_words(state),
                "reason": reason_in_words(state, reason),
                "profile": _profile(bus, path),
                "neighbours": _neighbours(bus, path),
            }
        except BusFailure:  # it went away meanwhile
            continue
    return found


def _profile(bus: Bus, device: str) -> str | None:
    active = bus.get(NETWORK_MANAGER, "ActiveConnection", path=device, interface=DEVICE)
    if active == "/":
        return None
    return str(bus.get(NETWORK_MANAGER, "Id", path=active, interface=ACTIVE))


def _neighbours(bus: Bus, device: str) -> tuple[LinkNeighbour, ...]:
    told = bus.get(NETWORK_MANAGER, "LldpNeighbors", path=device, interface=DEVICE)
    neighbours = []
    for one in told:
        values = {key: value for key, (_type, value) in one.items()}
        neighbours.append(
            LinkNeighbour(
                system=str(values.get("system-name") or values.get("chassis-id") or ""),
                port=str(values.get("port-id") or ""),
                description=str(values.get("port-description") or ""),
            )
        )
    return tuple(neighbours)
