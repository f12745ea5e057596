"""A profile that somebody else made, in the words of a host document.

Files are of nm-settings-keyfile(5). What a document cannot say is refused rather than lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from configparser import RawConfigParser
from typing import Any

from pydantic import TypeAdapter, ValidationError

from foundation.failure import Failure
from host.document.network import Interface
from host.machine.network import LoadedProfile
from host.network_profiles_found import read_profile

_KINDS = {
    "ethernet": "ethernet",
    "802-3-ethernet": "ethernet",
    "bond": "bond",
    "vlan": "vlan",
    "bridge": "bridge",
}
_SAY_NOTHING = frozenset(("proxy", "user"))
# Keys that do not matter to the result, or that the document's own profiles always set.
_PASSED_OVER: dict[str, frozenset[str]] = {
    "connection": frozenset(
        (
            *("id", "uuid", "type", "interface-name", "timestamp", "permissions", "lldp"),
            *("autoconnect-priority", "autoconnect-retries"),
            *("autoconnect-slaves", "autoconnect-ports"),
        )
    ),
    "ethernet": frozenset(("mac-address-blacklist", "mac-address-denylist", "auto-negotiate")),
    "bond": frozenset(("interface-name",)),
    "vlan": frozenset(("interface-name",)),
    "bridge": frozenset(("interface-name",)),
    "ipv4": frozenset(("may-fail",)),
    "ipv6": frozenset(("may-fail", "addr-gen-mode", "ip6-privacy")),
}
# The bonding driver's numbers for its modes (Documentation/networking/bonding.rst).
_BOND_MODES = {
    "0": "balance-rr",
    "1": "active-backup",
    "2": "balance-xor",
    "3": "broadcast",
    "4": "802.3ad",
    "5": "balance-tlb",
    "6": "balance-alb",
}
_ROUTE_OPTIONS = {"mtu": "mtu", "src": "source", "table": "table", "type": "kind"}
_NUMBERED = re.compile(r"(address|route)\d+")
_CONTROLLERS = ("master", "controller")
_INTERFACE: TypeAdapter[Interface] = TypeAdapter(Interface)


def adopted(
    text: str,
    profile: LoadedProfile,
    known: tuple[LoadedProfile, ...],
    permanent_macs: Mapping[str, str],
) -> Interface:
    """The interface that the keyfile ``text`` of ``profile`` sets up.

    ``known`` are all profiles, among which its ports and its parent are; ``permanent_macs`` tells
    the name of a port that is found by its address only. Raises Failure.
    """
    sections = _sections(read_profile(text))
    kind = _KINDS.get(sections.get("connection", {}).get("type", ""))
    if kind is None:
        raise Failure(
            f"A host document has no words for a profile of kind {profile.kind}.",
            "Leave it to NetworkManager; it stays as it is.",
        )
    connection = sections["connection"]
    controller = next((connection[key] for key in _CONTROLLERS if key in connection), None)
    if controller:
        name = next((one.name for one in known if one.uuid == controller), controller)
        raise Failure(
            f"{profile.name} belongs to {name}.", f"Adopt {name}; its ports come with it."
        )
    values: dict[str, Any] = {
        "kind": kind,
        "name": profile.interface or profile.device or profile.name,
        "activate": _boolean(connection.pop("autoconnect", "true")),
    }
    _of_ethernet(values, sections)
    if not profile.interface and profile.device is None:
        for port, mac in permanent_macs.items():
            if mac.lower() == str(values.get("mac", "")).lower():
                values["name"] = port
    _OF_KINDS[kind](values, sections, profile, known)
    for family in ("ipv4", "ipv6"):
        values[family] = _family(values, sections.get(family, {}))
    _refuse_what_is_left(sections, profile)
    try:
        return _INTERFACE.validate_python(values)
    except ValidationError as error:
        words = str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")
        raise Failure(
            f"{profile.name} does not fit into a host document: {words}.",
            "Describe the interface in the document by hand.",
        ) from error


def _sections(profile: RawConfigParser) -> dict[str, dict[str, str]]:
    return {
        ("ethernet" if name == "802-3-ethernet" else name): {
            key: value or "" for key, value in profile.items(name)
        }
        for name in profile.sections()
    }


def _of_ethernet(values: dict[str, Any], sections: dict[str, dict[str, str]]) -> None:
    ethernet = sections.get("ethernet", {})
    mtu = ethernet.pop("mtu", "")
    if mtu not in ("", "0", "auto"):
        values["mtu"] = mtu
    if values["kind"] == "ethernet" and "mac-address" in ethernet:
        values["mac"] = ethernet.pop("mac-address")


def _nothing_more(
    _values: dict[str, Any],
    _sections: dict[str, dict[str, str]],
    _profile: LoadedProfile,
    _known: tuple[LoadedProfile, ...],
) -> None:
    return


def _of_bond(
    values: dict[str, Any],
    sections: dict[str, dict[str, str]],
    profile: LoadedProfile,
    known: tuple[LoadedProfile, ...],
) -> None:
    options = sections.pop("bond", {})
    values["ports"] = _ports(profile, known)
    mode = options.pop("mode", "balance-rr")  # NetworkManager's default
    values["mode"] = _BOND_MODES.get(mode, mode)
    values["options"] = {
        key: value for key, value in options.items() if key not in _PASSED_OVER["bond"]
    }


def _of_vlan(
    values: dict[str, Any],
    sections: dict[str, dict[str, str]],
    profile: LoadedProfile,
    known: tuple[LoadedProfile, ...],
) -> None:
    vlan = sections.get("vlan", {})
    parent = vlan.pop("parent", "")
    by_uuid = {one.uuid: one.interface or one.device or "" for one in known}
    values["parent"] = by_uuid.get(parent, parent)
    values["id"] = vlan.pop("id", "0")
    if vlan.get("flags", "1") in ("1", "0x1"):  # what the document's own VLANs have
        vlan.pop("flags", None)
    if not profile.interface and profile.device is None:
        values["name"] = f"{values['parent']}.{values['id']}"  # NetworkManager's default


def _of_bridge(
    values: dict[str, Any],
    sections: dict[str, dict[str, str]],
    profile: LoadedProfile,
    known: tuple[LoadedProfile, ...],
) -> None:
    bridge = sections.get("bridge", {})
    values["ports"] = _ports(profile, known)
    values["stp"] = _boolean(bridge.pop("stp", "true"))  # NetworkManager's default
    for key, field in (("forward-delay", "forward_delay"), ("priority", "priority")):
        if key in bridge:
            value = bridge.pop(key)
            if values["stp"]:  # without, they say nothing
                values[field] = value


_OF_KINDS: dict[str, Callable[..., None]] = {
    "ethernet": _nothing_more,
    "bond": _of_bond,
    "vlan": _of_vlan,
    "bridge": _of_bridge,
}


def _ports(profile: LoadedProfile, known: tuple[LoadedProfile, ...]) -> list[str]:
    names = (profile.uuid, profile.interface, profile.name)
    ports = [one.interface or one.device for one in known if one.controller in names]
    return sorted(port for port in ports if port)


def _family(values: dict[str, Any], section: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"method": section.pop("method", "auto")}
    addresses, gateway = [], section.pop("gateway", "")
    for key in _numbered("address", section):
        address, _comma, beside = section.pop(key).partition(",")
        addresses.append(address)
        gateway = gateway or beside
    if addresses:
        found["addresses"] = addresses
    if gateway:
        found["gateway"] = gateway
    if _boolean(section.pop("never-default", "false")):
        found["default_route"] = False
    if _boolean(section.pop("ignore-auto-dns", "false")):
        found["automatic_dns"] = False
    if (metric := section.pop("route-metric", "-1")) != "-1":
        found["route_metric"] = metric
    routes = [
        _route(section.pop(key), _options(f"{key}_options", section))
        for key in _numbered("route", section)
    ]
    if routes:
        found["routes"] = routes
    for key, field in (
        ("dns", "dns_servers"),
        ("dns-search", "dns_search"),
        ("dns-options", "dns_options"),
    ):
        listed = [word for word in section.pop(key, "").split(";") if word]
        if listed:
            values[field] = list(dict.fromkeys([*values.get(field, ()), *listed]))
    return found


def _numbered(word: str, section: Iterable[str]) -> list[str]:
    keys = [key for key in section if _NUMBERED.fullmatch(key) and key.startswith(word)]
    return sorted(keys, key=lambda key: int(key.removeprefix(word)))


def _options(key: str, section: dict[str, str]) -> dict[str, Any]:
    """What is said beside a route; options without words in the document stay in ``section``."""
    options = dict(part.partition("=")[::2] for part in section.get(key, "").split(",") if part)
    if not set(options) <= {*_ROUTE_OPTIONS, "onlink"}:
        return {}
    section.pop(key, None)
    found: dict[str, Any] = {_ROUTE_OPTIONS[k]: v for k, v in options.items() if k != "onlink"}
    if _boolean(options.get("onlink", "false")):
        found["on_link"] = True
    return found


def _route(text: str, options: dict[str, Any]) -> dict[str, Any]:
    destination, gateway, metric = (*text.split(","), "", "")[:3]
    route: dict[str, Any] = {"destination": destination, **options}
    if gateway not in ("", "0.0.0.0", "::"):
        route["gateway"] = gateway
    if metric:
        route["metric"] = metric
    return route


def _refuse_what_is_left(sections: dict[str, dict[str, str]], profile: LoadedProfile) -> None:
    left = [
        f"{name}.{key}"
        for name, section in sections.items()
        if name not in _SAY_NOTHING
        for key, value in section.items()
        if value and key not in _PASSED_OVER.get(name, ())
    ]
    if left:
        raise Failure(
            f"A host document has no words for {', '.join(left)} of {profile.name}.",
            "Take it out of the profile with `nmcli connection modify`, or leave the profile as "
            "it is.",
        )


def _boolean(text: str) -> bool:
    return text.strip().lower() in ("true", "yes", "on", "1")
