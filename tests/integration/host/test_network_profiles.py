"""The document's network in a real NetworkManager: what it loads, and what the kernel then has."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.host.network_lab import PORTS, NetworkLab

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("NetworkManager") is None,
    reason="needs root, for namespaces, and NetworkManager",
)

_APPLY = """
from host.backends.real.machine import real_machine
from host.document.reading import parse_document
from host.parts.network import changed_files
document = parse_document(facts["document"], "test")
machine = real_machine()
changed = changed_files(document, machine)
for path, content in changed.items():
    machine.files.put(path, content)
if changed:
    machine.network.load_and_activate(document.network, tuple(changed))
result = {"changed": sorted(changed), "active": machine.network.knows_profiles(document.network)}
"""

_BRIDGE = """
network:
  management: br0
  interfaces:
  - kind: bridge
    name: br0
    mtu: 1400
    ports: [port0]
    ipv4:
      method: manual
      addresses: [10.7.0.2/24]
      gateway: 10.7.0.1
      routes: [{destination: 10.9.0.0/16, gateway: 10.7.0.3, metric: 7}]
    ipv6: {method: manual, addresses: ["fd07::2/64"], gateway: "fd07::1"}
    dns_servers: [10.7.0.1]
    dns_search: [lab.example]
  - kind: ethernet
    name: port0
    mac: "52:54:00:00:00:10"
  - kind: ethernet
    name: second
    mac: "52:54:00:00:00:11"
    ipv4: {method: manual, addresses: [10.8.0.2/24]}
    ipv6: {method: disabled}
"""


@pytest.fixture
def lab() -> Iterator[NetworkLab]:
    with NetworkLab() as lab:
        yield lab


def _apply(lab: NetworkLab, document: str) -> Any:
    return lab.python(_APPLY, document=document)


def _setting(lab: NetworkLab, profile: str, *names: str) -> list[str]:
    fields = ",".join(names)
    said = lab.run("nmcli", "-g", fields, "connection", "show", f"flexvdi-{profile}")
    return [line.replace("\\:", ":") for line in said.splitlines()]


def test_a_bridge_and_a_port_found_by_its_mac_get_their_addresses(lab: NetworkLab) -> None:
    assert _apply(lab, _BRIDGE)["active"]
    assert lab.addresses("br0") == ["10.7.0.2/24", "fd07::2/64"]
    assert lab.addresses("port1") == ["10.8.0.2/24"]
    routes = lab.run("ip", "route")
    assert "default via 10.7.0.1 dev br0" in routes
    assert "10.9.0.0/16 via 10.7.0.3 dev br0 proto static metric 7" in routes
    assert "default via fd07::1 dev br0" in lab.run("ip", "-6", "route")
    bridge = "/sys/class/net/br0"
    assert lab.run("cat", f"{bridge}/address").strip() == PORTS["port0"]
    assert lab.run("cat", f"{bridge}/bridge/stp_state", f"{bridge}/mtu").split() == ["0", "1400"]
    resolver = lab.run("cat", "/etc/resolv.conf")
    assert "search lab.example" in resolver and "nameserver 10.7.0.1" in resolver


def test_applying_again_changes_nothing(lab: NetworkLab) -> None:
    _apply(lab, _BRIDGE)
    before = lab.run("nmcli", "-g", "UUID,ACTIVE-PATH", "connection", "show")
    assert _apply(lab, _BRIDGE) == {"changed": [], "active": True}
    assert lab.run("nmcli", "-g", "UUID,ACTIVE-PATH", "connection", "show") == before


def test_what_the_document_no_longer_has_goes_away_and_foreign_profiles_stay(
    lab: NetworkLab,
) -> None:
    lab.run("nmcli", "con", "add", "type", "dummy", "ifname", "dummy7", "con-name", "foreign")
    _apply(lab, _BRIDGE)
    _apply(
        lab,
        "network: {interfaces: [{kind: ethernet, name: port0,"
        " ipv4: {method: manual, addresses: [10.7.0.9/24]}, ipv6: {method: disabled}}]}",
    )
    lab.wait_for(lambda: lab.addresses("port0") == ["10.7.0.9/24"], "port0 got no address")
    lab.wait_for(lambda: not lab.addresses("br0"), "br0 kept its addresses")
    lab.wait_for(lambda: not lab.addresses("port1"), "port1 kept its address")
    names = lab.run("nmcli", "-g", "NAME", "connection", "show").split()
    assert "foreign" in names and "flexvdi-br0" not in names


def test_bonds_and_vlans_are_read_as_they_are_meant(lab: NetworkLab) -> None:
    lab.python(
        _APPLY.replace("if changed:", "if False:"),
        document="""
network:
  interfaces:
  - kind: bond
    name: bond0
    ports: [port0, port1]
    mode: 802.3ad
    options: {lacp_rate: fast, xmit_hash_policy: layer3+4}
    ipv4: {method: disabled}
    ipv6: {method: disabled}
  - {kind: vlan, name: bond0.7, parent: bond0, id: 7}
  - {kind: bridge, name: br7, ports: [bond0.7], stp: true, forward_delay: 4}
""",
    )
    lab.run("nmcli", "connection", "reload")
    assert _setting(lab, "bond0", "bond.options", "ipv4.method") == [
        "mode=802.3ad,lacp_rate=fast,miimon=100,xmit_hash_policy=layer3+4",
        "disabled",
    ]
    (bond,) = _setting(lab, "bond0", "connection.uuid")
    (bridge,) = _setting(lab, "br7", "connection.uuid")
    for port in PORTS:
        assert _setting(lab, port, "connection.master", "connection.slave-type") == [bond, "bond"]
    assert _setting(lab, "bond0.7", "vlan.id") == ["7"]
    assert _setting(lab, "bond0.7", "vlan.parent") == [bond]
    assert _setting(lab, "bond0.7", "connection.master") == [bridge]
    assert _setting(lab, "br7", "bridge.stp", "bridge.forward-delay") == ["yes", "4"]


def test_a_document_without_interfaces_asks_dhcp_on_every_port(lab: NetworkLab) -> None:
    assert _apply(lab, "")["active"]
    multi = _setting(lab, "any-port", "connection.multi-connect", "ipv4.method")
    assert multi[1] == "auto" and multi[0].startswith(("3", "multiple"))

    def trying() -> bool:
        said = lab.run("nmcli", "-g", "DEVICE,CONNECTION", "device")
        return all(f"{port}:flexvdi-any-port" in said for port in PORTS)

    lab.wait_for(trying, "not every port is tried")


def test_this_machine_keeps_its_own_configuration(lab: NetworkLab) -> None:
    before = Path("/etc/resolv.conf").read_bytes()
    _apply(lab, _BRIDGE)
    assert Path("/etc/resolv.conf").read_bytes() == before
    assert b"10.7.0.1" not in before
