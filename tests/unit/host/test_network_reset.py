"""The network to fall back on: what is left of a network when nothing works any more."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_interface

import pytest

from foundation.failure import Failure
from host.document.network import (
    VLAN,
    Bond,
    Bridge,
    Ethernet,
    IPv4Settings,
    IPv6Settings,
    Network,
    management_path,
)
from host.machine.links import Link
from host.network_reset import fallback_network

MACS = {
    "eno1": "52:54:00:12:34:56",
    "eno2": "52:54:00:12:34:57",
    "eno3": "52:54:00:12:34:58",
}
NOTHING = IPv4Settings(method="disabled"), IPv6Settings(method="disabled")
MANAGEMENT = Bridge(
    name="br-mgmt",
    ports=("bond0",),
    ipv4=IPv4Settings(
        method="manual",
        addresses=(ip_interface("10.0.4.13/24"),),  # type: ignore[arg-type]
        gateway=ip_address("10.0.4.1"),  # type: ignore[arg-type]
    ),
    dns_servers=(ip_address("10.0.4.1"), ip_address("fd00:4::1")),
)
BOND = Bond(name="bond0", ports=("eno1", "eno2"))
WARDS = VLAN(name="vlan100", parent="bond0", id=100, ipv4=NOTHING[0], ipv6=NOTHING[1])
WARDS_BRIDGE = Bridge(name="br-wards", ports=("vlan100",), ipv4=NOTHING[0], ipv6=NOTHING[1])
NETWORK = Network(
    management="br-mgmt",
    interfaces=(
        Ethernet(name="eno3", mac=MACS["eno3"]),
        BOND,
        MANAGEMENT,
        WARDS,
        WARDS_BRIDGE,
    ),
)
GUESTS_IN_WARDS = {"br-wards": ("vnet0",), "br-mgmt": ()}


def reset_network(
    network: Network,
    macs: Mapping[str, str],
    guests: Mapping[str, tuple[str, ...]],
    port: str | None = None,
    address: str = "",
    gateway: str = "",
) -> Network:
    found = tuple(
        Link(name=name, kind="ethernet", mac=mac, permanent_mac=mac) for name, mac in macs.items()
    )
    bridges = [bridge for bridge, ports in guests.items() if ports]
    return fallback_network(network, found, bridges, port, address, gateway)


def names(network: Network) -> set[str]:
    return {one.name for one in network.interfaces}


def method(network: Network, name: str) -> str:
    interface = network.interface(name)
    assert interface is not None
    return interface.ipv4.method


def test_without_guests_every_port_asks_dhcp() -> None:
    assert reset_network(NETWORK, MACS, {"br-mgmt": ()}) == Network()


def test_what_becomes_of_profiles_of_others_stays() -> None:
    network = Network(foreign_profiles="remove")
    assert reset_network(network, MACS, {}).foreign_profiles == "remove"


def test_a_bridge_with_guests_stays_with_all_that_carries_it() -> None:
    network = reset_network(NETWORK, MACS, GUESTS_IN_WARDS)
    assert names(network) == {"eno3", "bond0", "vlan100", "br-wards"}
    assert network.interface("vlan100") == WARDS
    assert network.interface("br-wards") == WARDS_BRIDGE
    # Ports of the bond cannot ask, so the bond does.
    assert method(network, "bond0") == "auto" and method(network, "eno3") == "auto"
    assert management_path(network) is not None


def test_the_bridge_on_top_of_a_port_asks_in_its_place() -> None:
    network = reset_network(NETWORK, MACS, {"br-mgmt": ("vnet0",)})
    assert names(network) == {"eno3", "bond0", "br-mgmt"}
    assert method(network, "br-mgmt") == "auto"
    bridge = network.interface("br-mgmt")
    assert bridge is not None and bridge.ipv4.gateway is None and not bridge.ipv4.addresses


def test_one_port_has_an_address_and_the_names_stay_known() -> None:
    network = reset_network(NETWORK, MACS, {}, "eno2", "10.0.9.2/24", "10.0.9.1")
    assert names(network) == {"eno2"} and network.management == "eno2"
    port = network.interfaces[0]
    assert [str(one) for one in port.ipv4.addresses] == ["10.0.9.2/24"]
    assert str(port.ipv4.gateway) == "10.0.9.1"
    assert [str(one) for one in port.dns_servers] == ["10.0.4.1"]


def test_an_address_of_a_port_under_guests_goes_to_their_bridge() -> None:
    network = reset_network(NETWORK, MACS, {"br-mgmt": ("vnet0",)}, "eno1", "fd00:9::2/64")
    assert names(network) == {"bond0", "br-mgmt"} and network.management == "br-mgmt"
    bridge = network.interface("br-mgmt")
    assert bridge is not None and bridge.ipv4.method == "disabled"
    assert [str(one) for one in bridge.ipv6.addresses] == ["fd00:9::2/64"]


def test_a_bridge_that_stays_leads_nowhere_else() -> None:
    network = reset_network(NETWORK, MACS, {"br-mgmt": ("vnet0",)}, "eno3", "10.0.9.2/24")
    bridge = network.interface("br-mgmt")
    assert bridge is not None
    assert bridge.ipv4.addresses == MANAGEMENT.ipv4.addresses
    assert bridge.ipv4.gateway is None and not bridge.ipv4.default_route


def test_one_port_alone_may_ask_dhcp() -> None:
    network = reset_network(NETWORK, MACS, {}, "eno2")
    assert network == Network(interfaces=(Ethernet(name="eno2"),), management="eno2")


def test_a_port_that_the_document_calls_otherwise() -> None:
    uplink = Ethernet(name="uplink", mac=MACS["eno1"], ipv4=NOTHING[0], ipv6=NOTHING[1])
    network = Network(interfaces=(uplink, Bridge(name="br0", ports=("uplink",))))
    found = reset_network(network, {"eno1": MACS["eno1"].upper()}, {"br0": ("vnet0",)})
    assert names(found) == {"uplink", "br0"} and method(found, "br0") == "auto"


@pytest.mark.parametrize(
    ("asked", "macs", "cause"),
    [
        ({"port": "eno9", "address": "10.0.9.2/24"}, MACS, "no wired port eno9"),
        ({"port": "eno1", "gateway": "10.0.9.1"}, MACS, "without an address"),
        ({"address": "10.0.9.2/24"}, MACS, "of no port"),
        ({"port": "eno1", "address": "10.0.9.2"}, MACS, "prefix"),
        ({"port": "eno1", "address": "x/24"}, MACS, "not an address"),
        ({"port": "eno1", "address": "fd00::2/64", "gateway": "10.0.9.1"}, MACS, "of IPv4"),
        ({"port": "eno1", "address": "fd00::2/64", "gateway": "x"}, MACS, "“x” is not an address"),
        ({"port": "eno1", "address": "10.0.9.2/24", "gateway": "fd00::1"}, MACS, "IPv4"),
        ({"port": "eno1", "address": "10.0.9.2/24", "gateway": "10.1.9.1"}, MACS, "outside"),
        ({"port": "eno3", "address": "10.0.4.13/24"}, MACS, "10.0.4.13"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    asked: dict[str, str], macs: Mapping[str, str], cause: str
) -> None:
    with pytest.raises(Failure, match=cause) as caught:
        reset_network(NETWORK, macs, {"br-mgmt": ("vnet0",)}, **{"port": None, **asked})
    assert caught.value.remedy
