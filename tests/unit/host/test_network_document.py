"""What a document's network may say, and how it is told that it may not."""

from __future__ import annotations

from ipaddress import ip_interface
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from host.document.bond_options import BOND_MODES, BOND_OPTIONS
from host.document.network import Network, management_path
from host.document.network_profiles import network_profiles

MANUAL = {"method": "manual", "addresses": ["10.0.0.2/24"]}
OFF = {"method": "disabled"}


def port(name: str = "eno1", **more: Any) -> dict[str, Any]:
    return {"kind": "ethernet", "name": name, **more}


def bond(mode: str = "active-backup", **more: Any) -> dict[str, Any]:
    return {"kind": "bond", "name": "bond0", "ports": ["eno1", "eno2"], "mode": mode, **more}


def vlan(name: str = "v7", parent: str = "bond0", id: int = 7, **more: Any) -> dict[str, Any]:
    return {"kind": "vlan", "name": name, "parent": parent, "id": id, **more}


def bridge(ports: tuple[str, ...] = ("eno1",), **more: Any) -> dict[str, Any]:
    return {"kind": "bridge", "name": "br0", "ports": ports, **more}


def network(*interfaces: dict[str, Any], **more: Any) -> Network:
    return Network.model_validate({"interfaces": interfaces, **more})


def ipv4(**more: Any) -> dict[str, Any]:
    return port(ipv4={**MANUAL, **more})


WRONG: list[tuple[str, list[dict[str, Any]]]] = [
    ("1 to 15 characters", [port("a" * 16)]),
    ("1 to 15 characters", [port("ñ" * 8)]),
    ("keeps for itself", [port("lo")]),
    ("described 2 times", [port(), port()]),
    ("multicast MAC", [port(mac="01:00:00:00:00:01")]),
    ("the same port", [port(mac="52:54:00:00:00:01"), port("b", mac="52:54:00:00:00:01")]),
    ("outside 1 to 4094", [vlan(id=0)]),
    ("outside 1 to 4094", [vlan(id=4095)]),
    ("same VLAN 7 on bond0", [vlan(), vlan("other")]),
    ("port of both", [bridge(), bond()]),
    ("named twice", [bridge(("eno1", "eno1"))]),
    ("cannot be a port of itself", [bridge(("br0",))]),
    ("builds on itself", [vlan("v7", "br0"), bridge(("v7",))]),
    ("must be wired ports", [{**bond(), "ports": ["v7"]}, vlan("v7", "eno5")]),
    ("belongs on bond0", [bond(), vlan(parent="eno1")]),
    ("cannot be a port", [bridge(), {**bridge(("br0",)), "name": "br1"}]),
    ("addresses belong there", [bridge(), ipv4()]),
    ("given to both", [ipv4(), port("eno2", ipv4=MANUAL)]),
    ("given twice", [ipv4(addresses=["10.0.0.2/24", "10.0.0.2/16"])]),
    ("at least one address", [ipv4(addresses=[])]),
    ("but the method is auto", [port(ipv4={"gateway": "10.0.0.1"})]),
    ("outside the subnet 10.0.0.0/24", [ipv4(gateway="10.0.1.1")]),
    ("own address", [ipv4(gateway="10.0.0.2")]),
    ("the subnet 10.0.0.0/24 itself", [ipv4(gateway="10.0.0.0")]),
    ("broadcast address", [ipv4(gateway="10.0.0.255")]),
    ("broadcast address", [ipv4(addresses=["10.0.0.255/24"])]),
    ("the subnet 10.0.0.0/24 itself", [ipv4(addresses=["10.0.0.0/24"])]),
    ("loopback", [ipv4(addresses=["127.0.0.2/8"])]),
    ("multicast", [ipv4(addresses=["224.0.0.5/24"])]),
    ("prefix of 0", [ipv4(addresses=["10.0.0.2/0"])]),
    ("default_route is off", [ipv4(gateway="10.0.0.1", default_route=False)]),
    ("other IP version", [ipv4(routes=[{"destination": "10.1.0.0/16", "gateway": "fd00::1"}])]),
    ("not an IPv4 route", [ipv4(routes=[{"destination": "fd00::/64"}])]),
    ("did you mean 10.1.0.0/16", [ipv4(routes=[{"destination": "10.1.2.0/16"}])]),
    ("how long the prefix is", [ipv4(routes=[{"destination": "10.1.2.0"}])]),
    ("not a network", [ipv4(routes=[{"destination": "there/8"}])]),
    (
        "given twice",
        [ipv4(routes=[{"destination": "10.1.0.0/16"}, {"destination": "10.1.0.0/16"}])],
    ),
    (
        "outside the subnet",
        [ipv4(routes=[{"destination": "10.1.0.0/16", "gateway": "10.9.0.1"}])],
    ),
    (
        "which has no gateway",
        [ipv4(routes=[{"destination": "10.1.0.0/16", "kind": "blackhole", "gateway": "10.0.0.1"}])],
    ),
    ("at least 1280", [port(mtu=1000)]),
    ("larger than that of bond0", [bond(), vlan(mtu=9000)]),
    ("larger than that of eno1", [port(ipv4=OFF), bridge(mtu=9000)]),
    ("larger than that of eno1", [port(mtu=1500), bond(mtu=9000)]),
    ("not a domain", [port(dns_search=["-a.example"])]),
    ("not a resolver option", [port(dns_options=["fast"])]),
    ("needs IPv4, which is disabled", [port(ipv4=OFF, dns_servers=["10.0.0.1"])]),
    ("DNS server is given twice", [port(dns_servers=["10.0.0.1", "10.0.0.1"])]),
    ("did you mean miimon", [bond(options={"mimon": 1})]),
    ("does not fit mode active-backup", [bond(options={"lacp_rate": "fast"})]),
    ("takes one of slow, fast", [bond("802.3ad", options={"lacp_rate": "quick"})]),
    ("takes a number", [bond(options={"miimon": "often"})]),
    ("none of its ports", [bond(options={"primary": "eno9"})]),
    (
        "exclude each other",
        [bond(options={"miimon": 100, **{"arp_interval": 1, "arp_ip_target": "10.0.0.1"}})],
    ),
    ("arp_interval needs arp_ip_target", [bond(options={"arp_interval": 100})]),
    ("updelay needs miimon", [bond(options={"updelay": 100, "miimon": 0})]),
    ("one setting", [bond(options={"num_grat_arp": 1, "num_unsol_na": 2})]),
    ("IPv4 addresses separated", [bond(options={"arp_interval": 1, "arp_ip_target": "gw"})]),
]


@pytest.mark.parametrize(("words", "interfaces"), WRONG, ids=lambda value: str(value)[:40])
def test_what_is_wrong_is_said(words: str, interfaces: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError, match=words):
        network(*interfaces)


RIGHT: list[list[dict[str, Any]]] = [
    [bond("802.3ad", mtu=9000), vlan(mtu=9000, ipv4=MANUAL)],
    [port(mtu=9000, ipv4=OFF, ipv6=OFF), bridge(mtu=9000)],
    [bridge(("eno5",), mtu=9000)],
    [bond(options={"primary": "eno1", "primary_reselect": "better", "updelay": 200})],
    [bond(options={"arp_interval": 100, "arp_ip_target": "10.0.0.1,10.0.0.2", "miimon": 0})],
    [ipv4(addresses=["10.0.0.2/31"], gateway="10.0.0.3")],
    [ipv4(addresses=["10.0.0.2/32"], gateway="10.9.0.1", gateway_on_link=True)],
    [ipv4(routes=[{"destination": "10.1.0.0/16", "kind": "blackhole", "table": 100}])],
    [ipv4(routes=[{"destination": "10.1.0.0/16", "gateway": "10.9.0.1", "on_link": True}])],
    [
        ipv4(
            routes=[
                {"destination": "10.1.0.0/16", "metric": 1},
                {"destination": "10.1.0.0/16", "metric": 2},
            ]
        )
    ],
    [port(ipv6={"method": "manual", "addresses": ["fd00::2/64"], "gateway": "fe80::1"})],
    [port(alias="to the core switch, port 7", dns_options=["timeout:2", "rotate"])],
]


@pytest.mark.parametrize("interfaces", RIGHT)
def test_what_is_right_is_taken_and_has_profiles(interfaces: list[dict[str, Any]]) -> None:
    assert len(network_profiles(network(*interfaces))) >= len(interfaces)


def test_management_is_checked_and_suggested() -> None:
    with pytest.raises(ValidationError, match="did you mean eno1"):
        network(port(), management="eno2")
    with pytest.raises(ValidationError, match="name br0 instead"):
        network(port(ipv4=OFF), bridge(), management="eno1")


@pytest.mark.parametrize(
    ("given_network", "path"),
    [
        (network(), ""),
        (network(port()), "eno1"),
        (network(port(ipv4=OFF, ipv6=OFF)), None),
        (network(port(activate=False)), None),
        (network(port(ipv4=OFF, ipv6={"method": "link-local"})), None),
        (network(port(ipv4={"default_route": False}, ipv6=OFF), port("eno2")), "eno2"),
        (network(port(), bridge()), "br0"),
        (network(ipv4(), port("eno2"), management="eno1"), "eno1"),
        (network(port(), port("eno2", activate=False), management="eno2"), None),
    ],
)
def test_the_path_to_the_host(given_network: Network, path: str | None) -> None:
    assert management_path(given_network) == path


def test_profiles_carry_everything_the_document_says() -> None:
    profile = network_profiles(
        network(
            {
                **ipv4(
                    default_route=False,
                    automatic_dns=False,
                    route_metric=50,
                    routes=[
                        {"destination": "10.1.0.0/16", "kind": "blackhole", "metric": 3},
                        {
                            "destination": "10.2.0.0/16",
                            "gateway": "10.9.0.1",
                            "on_link": True,
                            "table": 100,
                        },
                        {"destination": "10.3.0.0/16"},
                    ],
                ),
                "dns_options": ["timeout:2"],
            }
        )
    )["flexvdi-eno1.nmconnection"].splitlines()
    for line in (
        "never-default=true",
        "ignore-auto-dns=true",
        "route-metric=50",
        "route1=10.1.0.0/16,0.0.0.0,3",
        "route1_options=type=blackhole",
        "route2=10.2.0.0/16,10.9.0.1",
        "route2_options=onlink=true,table=100",
        "route3=10.3.0.0/16",
        "dns-options=timeout:2;",
        "lldp=1",
    ):
        assert line in profile


def test_a_primary_port_goes_by_the_name_that_the_kernel_gives_it() -> None:
    profiles = network_profiles(
        network(
            port("left", mac="52:54:00:00:00:01"),
            {**bond(options={"primary": "left"}), "ports": ["left", "eno2"]},
        ),
        {"eno1": "52:54:00:00:00:01", "eno2": "52:54:00:00:00:02"},
    )
    assert "primary=eno1" in profiles["flexvdi-bond0.nmconnection"]


def test_a_port_that_nobody_describes_carries_the_frames_of_what_stands_on_it() -> None:
    profiles = network_profiles(network(bridge(("eno5",), mtu=9000)))
    assert "mtu=9000" in profiles["flexvdi-eno5.nmconnection"]


names = st.sampled_from(["eno1", "eno2", "bond0", "br0", "v7", "", "a" * 16, "lo", "x y"])
texts = st.text(max_size=12)
addresses = st.one_of(st.ip_addresses().map(str), texts)
interfaces = st.one_of(st.ip_addresses().map(lambda ip: f"{ip}/24"), texts)
families = st.fixed_dictionaries(
    {"method": st.sampled_from(["auto", "manual", "disabled", "link-local", "dhcp"])},
    optional={
        "addresses": st.lists(interfaces, max_size=3),
        "gateway": addresses,
        "routes": st.lists(
            st.fixed_dictionaries(
                {"destination": interfaces},
                optional={"gateway": addresses, "kind": st.sampled_from(["unicast", "blackhole"])},
            ),
            max_size=2,
        ),
    },
)
options = st.dictionaries(
    st.sampled_from([*BOND_OPTIONS, "mimon"]), st.one_of(texts, st.integers(-1, 5000)), max_size=4
)
descriptions = st.fixed_dictionaries(
    {"kind": st.sampled_from(["ethernet", "bond", "vlan", "bridge"]), "name": names},
    optional={
        "ports": st.lists(names, max_size=3),
        "parent": names,
        "id": st.integers(-1, 5000),
        "mode": st.sampled_from(BOND_MODES),
        "options": options,
        "ipv4": families,
        "ipv6": families,
        "mtu": st.integers(0, 70000),
        "dns_servers": st.lists(addresses, max_size=2),
    },
)


@settings(deadline=None)
@given(st.lists(descriptions, max_size=4), st.none() | names)
def test_anything_is_a_network_or_is_refused_with_words(
    described: list[dict[str, Any]], management: str | None
) -> None:
    try:
        accepted = Network.model_validate({"interfaces": described, "management": management})
    except ValidationError as error:
        assert all(detail["msg"] for detail in error.errors())
    else:
        assert Network.model_validate_json(accepted.model_dump_json()) == accepted
        for text in network_profiles(accepted).values():
            assert text.startswith("[connection]")


@settings(deadline=None)
@given(
    st.ip_addresses(v=4).filter(lambda ip: not (ip.is_multicast or ip.is_loopback)),
    st.integers(1, 30),
)
def test_a_host_address_is_taken_unless_it_means_the_whole_subnet(ip: Any, prefix: int) -> None:
    address = ip_interface(f"{ip}/{prefix}")
    whole = ip in (address.network.network_address, address.network.broadcast_address)
    settings_ = {"method": "manual", "addresses": [str(address)]}
    if whole or ip.is_unspecified:
        with pytest.raises(ValidationError):
            network(port(ipv4=settings_))
    else:
        assert network(port(ipv4=settings_)).interfaces[0].ipv4.addresses == (address,)


@settings(deadline=None)
@given(st.integers(-10, 5000))
def test_vlan_ids(number: int) -> None:
    if 1 <= number <= 4094:
        assert network(vlan(id=number)).interface("v7") is not None
    else:
        with pytest.raises(ValidationError, match="outside 1 to 4094"):
            network(vlan(id=number))


@settings(deadline=None)
@given(st.sampled_from(sorted(BOND_OPTIONS)), st.sampled_from(BOND_MODES))
def test_every_option_fits_exactly_its_modes(option: str, mode: str) -> None:
    values = {
        "arp_ip_target": "10.0.0.1",
        "ad_actor_system": "02:00:00:00:00:01",
        "primary": "eno1",
        "active_slave": "eno1",
    }
    chosen = {option: values.get(option, "1")}
    for needed in BOND_OPTIONS[option].needs:
        chosen[needed] = values.get(needed, "1")
        chosen |= {deeper: values.get(deeper, "1") for deeper in BOND_OPTIONS[needed].needs}
    if mode in BOND_OPTIONS[option].modes:
        assert network(bond(mode, options=chosen)).interface("bond0") is not None
    else:
        with pytest.raises(ValidationError, match="does not fit mode"):
            network(bond(mode, options=chosen))
