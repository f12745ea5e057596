"""Profiles of others, read into the document's words, or refused."""

from __future__ import annotations

import pytest

from foundation.failure import Failure
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
)
from host.document.network_profiles import network_profiles
from host.machine.network import LoadedProfile
from host.network_adoption import adopted as adopted_interface
from host.network_profiles_found import read_profile

MACS = {"eno2": "52:54:00:12:34:57", "eno3": "52:54:00:12:34:58"}
NMCLI = """
[connection]
id=Wired to the core
uuid=0a6b5f5e-4a7c-4a25-8a55-5b0bd0c1d0a1
type=802-3-ethernet
interface-name=eno1
timestamp=1700000000

[ethernet]
mtu=9000

[ipv4]
address1=10.0.4.13/24,10.0.4.1
dns=10.0.4.1;10.0.4.2;
dns-search=lab.example;
method=manual
route1=10.9.0.0/16,10.0.4.254,50
route1_options=onlink=true,mtu=1400

[ipv6]
addr-gen-mode=default
method=disabled

[proxy]
"""


def profile(kind: str, *lines: str, section: str = "", name: str = "x0") -> str:
    head = f"[connection]\nid=X\nuuid=u-x\ntype={kind}\n"
    head += f"interface-name={name}\n" if name else ""
    return "\n".join([head, *([f"[{section}]"] if section else []), *lines, ""])


def loaded(text: str) -> LoadedProfile:
    """As NetworkManager has a profile with this text."""
    parsed = read_profile(text)
    connection = dict(parsed["connection"]) if parsed.has_section("connection") else {}
    return LoadedProfile(
        uuid=connection.get("uuid", ""),
        name=connection.get("id", ""),
        kind=connection.get("type", ""),
        interface=connection.get("interface-name", ""),
        file="",
        controller=connection.get("master") or connection.get("controller"),
    )


def adopted(text: str, *others: str) -> Interface:
    return adopted_interface(text, loaded(text), tuple(map(loaded, (text, *others))), MACS)


def test_a_port_as_nmcli_writes_it() -> None:
    assert adopted(NMCLI) == Ethernet(
        name="eno1",
        mtu=9000,
        ipv4=IPv4Settings.model_validate(
            {
                "method": "manual",
                "addresses": ["10.0.4.13/24"],
                "gateway": "10.0.4.1",
                "routes": [
                    Route(
                        destination="10.9.0.0/16",
                        gateway="10.0.4.254",  # type: ignore[arg-type]
                        metric=50,
                        on_link=True,
                        mtu=1400,
                    )
                ],
            }
        ),
        ipv6=IPv6Settings(method="disabled"),
        dns_servers=("10.0.4.1", "10.0.4.2"),  # type: ignore[arg-type]
        dns_search=("lab.example",),
    )


NETWORK = Network(
    interfaces=(
        Ethernet(
            name="eno3",
            mac="52:54:00:12:34:58",
            ipv4=IPv4Settings.model_validate(
                {
                    "default_route": False,
                    "automatic_dns": False,
                    "route_metric": 7,
                    "routes": [
                        {"destination": "10.7.0.0/16", "kind": "blackhole"},
                        {"destination": "10.8.0.0/16", "metric": 3, "table": 9},
                    ],
                }
            ),
            ipv6=IPv6Settings(method="dhcp"),
        ),
        Bond(name="bond0", ports=("eno1", "eno2"), mode="802.3ad", options={"miimon": "50"}),
        VLAN(name="office", parent="bond0", id=100, activate=False),
        Bridge(name="br0", ports=("office",), stp=True, forward_delay=4, priority=4096),
        Bridge(name="br1", mtu=1400, dns_options=("rotate",)),
    )
)


@pytest.mark.parametrize("name", ["eno3", "bond0", "office", "br0", "br1"])
def test_what_the_document_writes_is_read_back(name: str) -> None:
    """A VLAN names its parent by the UUID of its profile, and ports their controller."""
    profiles = network_profiles(NETWORK)
    wanted = NETWORK.interface(name)
    assert wanted is not None
    if name == "office":
        text = profiles["flexvdi-office.nmconnection"]
        with pytest.raises(Failure, match="belongs to flexvdi-br0"):
            adopted(text, *profiles.values())
        alone = Network(interfaces=tuple(one for one in NETWORK.interfaces if one.name != "br0"))
        profiles = network_profiles(alone)
    text = profiles[f"flexvdi-{name}.nmconnection"]
    assert adopted(text, *profiles.values()) == wanted


def test_a_port_that_is_found_by_its_address_is_so_in_the_document() -> None:
    text = profile("ethernet", "mac-address=52:54:00:12:34:57", section="ethernet", name="")
    found = adopted(text)
    assert isinstance(found, Ethernet) and found.name == "eno2"
    assert found.mac == "52:54:00:12:34:57"


def test_a_vlan_without_a_name_gets_networkmanagers() -> None:
    parent = "[connection]\nid=p\nuuid=u-p\ntype=ethernet\ninterface-name=eno1\n"
    lines = ("id=5", "parent=u-p", "flags=1")
    found = adopted(profile("vlan", *lines, section="vlan", name=""), parent)
    assert isinstance(found, VLAN)
    assert (found.name, found.parent, found.id) == ("eno1.5", "eno1", 5)


def test_a_bond_with_its_mode_as_a_number() -> None:
    port = "[connection]\nid=p\nuuid=u-p\ntype=ethernet\ninterface-name=eno1\ncontroller=x0\n"
    found = adopted(profile("bond", "mode=1", "miimon=100", section="bond"), port)
    assert isinstance(found, Bond)
    assert found.mode == "active-backup" and found.ports == ("eno1",)


def test_a_bridge_spans_unless_it_says_otherwise() -> None:
    found = adopted(profile("bridge"))
    assert isinstance(found, Bridge) and found.stp


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (profile("wifi"), "no words for a profile of kind wifi"),
        ("what is this", "of kind"),
        (profile("ethernet", name="").replace("id=X", "id=a b"), "not an interface name"),
        (profile("ethernet", "method=shared", section="ipv4"), "does not fit"),
        (profile("ethernet", "method=ignore", section="ipv6"), "does not fit"),
        (profile("ethernet", "method=manual", section="ipv4"), "at least one address"),
        (profile("ethernet", "eap=tls;", section="802-1x"), "802-1x.eap"),
        (profile("ethernet", "zone=trusted"), "connection.zone"),
        (profile("ethernet", "speed=100", section="ethernet"), "ethernet.speed"),
        (profile("ethernet", "routing-rule1=priority 5", section="ipv4"), "ipv4.routing-rule1"),
        (profile("vlan", "id=5", "parent=eno1", "flags=3", section="vlan"), "vlan.flags"),
        (profile("vlan", "id=5000", "parent=eno1", section="vlan"), "outside 1 to 4094"),
        (profile("vlan"), "does not fit"),
        (profile("bridge", "vlan-filtering=true", section="bridge"), "bridge.vlan-filtering"),
        (profile("bond", "mode=balance-rr", section="bond"), "no ports"),
        (profile("ethernet", "mtu=many", section="ethernet"), "does not fit"),
        (
            profile(
                "ethernet",
                "method=manual",
                "address1=10.0.0.1/24",
                "route1=10.9.0.0/16,10.0.0.2",
                "route1_options=window=5",
                section="ipv4",
            ),
            "ipv4.route1_options",
        ),
    ],
)
def test_what_a_document_has_no_words_for_is_refused(text: str, cause: str) -> None:
    with pytest.raises(Failure, match=cause) as caught:
        adopted(text)
    assert caught.value.remedy
