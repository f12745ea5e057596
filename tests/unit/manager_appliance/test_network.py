"""From a seed's network-config to NetworkManager's keyfiles."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from foundation.failure import Failure
from manager.appliance.network_config import Interface, Route, read_network_config
from manager.appliance.network_profiles import ONLY_THESE, profile, profile_files

VERSION_2 = """
version: 2
ethernets:
  manager:
    match: {macaddress: "52:54:00:AA:BB:CC"}
    dhcp4: false
    addresses: [192.0.2.5/24, "2001:db8::5/64"]
    routes:
      - {to: 0.0.0.0/0, via: 192.0.2.1}
      - {to: 10.0.0.0/8, via: 192.0.2.2, metric: 50}
    gateway6: "2001:db8::1"
    nameservers: {addresses: [192.0.2.53, "2001:db8::53"], search: [example.org]}
    mtu: 9000
"""
VERSION_1 = """
version: 1
config:
  - type: physical
    name: eth0
    mac_address: "52:54:00:aa:bb:cc"
    subnets:
      - {type: static, address: 192.0.2.5, netmask: 255.255.255.0, gateway: 192.0.2.1}
      - {type: dhcp6}
  - {type: nameserver, address: [192.0.2.53], search: [example.org]}
"""

DEVICE = {"type": "physical", "name": "eth0"}
ADDRESS = {"type": "static", "address": "192.0.2.5"}


def keyfile(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


def test_version_2_becomes_a_profile() -> None:
    (interface,) = read_network_config(yaml.safe_load(VERSION_2))
    said = keyfile(profile(interface))
    assert said["ethernet"] == {"mac-address": "52:54:00:aa:bb:cc", "mtu": "9000"}
    assert said["ipv4"] == {
        "method": "manual",
        "address1": "192.0.2.5/24",
        "route1": "0.0.0.0/0,192.0.2.1",
        "route2": "10.0.0.0/8,192.0.2.2,50",
        "dns": "192.0.2.53;",
        "dns-search": "example.org;",
    }
    assert said["ipv6"] == {
        "method": "manual",
        "address1": "2001:db8::5/64",
        "route1": "::/0,2001:db8::1",
        "dns": "2001:db8::53;",
        "dns-search": "example.org;",
    }


def test_version_1_says_the_same() -> None:
    (interface,) = read_network_config(yaml.safe_load(VERSION_1))
    assert interface == Interface(
        name="eth0",
        mac_address="52:54:00:aa:bb:cc",
        dhcp6=True,
        addresses=("192.0.2.5/24",),
        routes=(Route("0.0.0.0/0", "192.0.2.1"),),
        name_servers=("192.0.2.53",),
        search=("example.org",),
    )


def test_dhcp_and_a_device_by_name() -> None:
    (interface,) = read_network_config({"version": 2, "ethernets": {"ens3": {"dhcp4": True}}})
    said = keyfile(profile(interface))
    assert said["connection"]["interface-name"] == "ens3"
    assert said["ipv4"]["method"] == "auto" and said["ipv6"]["method"] == "link-local"


def test_without_network_config_every_device_asks_dhcp_and_with_it_only_named_ones() -> None:
    assert profile_files(()) == {}
    assert "no-auto-default=*" in profile_files((Interface("ens3", dhcp4=True),))[ONLY_THESE]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (None, "version None"),
        ({"version": 2, "ethernets": {}}, "names no interface"),
        ({"version": 2, "ethernets": {"a": {"addresses": ["192.0.2.5"]}}}, "prefix length"),
        ({"version": 2, "ethernets": {"a": {"gateway4": "gate"}}}, "gateway4"),
        ({"version": 2, "ethernets": {"a": {"mtu": 1}}}, "mtu"),
        ({"version": 2, "ethernets": {"a": {}}, "bonds": {}}, "bonds"),
        ({"version": 1, "config": [{"type": "vlan", "name": "x"}]}, "vlan"),
        ({"version": 1, "config": [{**DEVICE, "subnets": [ADDRESS]}]}, "prefix length"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_by_name(document: Any, said: str) -> None:
    with pytest.raises(Failure) as failure:
        read_network_config(document)
    assert said in failure.value.cause


@pytest.mark.skipif(shutil.which("nmcli") is None, reason="NetworkManager is not installed")
def test_network_manager_itself_reads_the_profile(tmp_path: Path) -> None:
    (interface,) = read_network_config(yaml.safe_load(VERSION_2))
    done = subprocess.run(
        ["nmcli", "--offline", "connection", "modify", "connection.autoconnect", "yes"],
        input=profile(interface),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "address1=192.0.2.5/24" in done.stdout and "2001:db8::53" in done.stdout
