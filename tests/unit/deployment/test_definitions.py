"""Domain definitions against goldens; seeds, as tools of others read them.

Set FLEXVDI_UPDATE_GOLDENS=1 to write the goldens anew, and look at the difference.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from foundation.appliance_seed import read_user_data
from foundation.secret import Secret
from host.deployment.descriptor import Kept, ManagerDescriptor
from host.deployment.domain_xml import Hypervisor, descriptor_id_of, domain_xml
from host.deployment.iso9660 import make_medium
from host.deployment.seed import masked, seed_for, seed_medium, seed_texts
from tests.unit.deployment.lab import HASH, request

GOLDENS = Path(__file__).parent / "goldens"
DESCRIPTOR = ManagerDescriptor(
    id="6f3c1c80-6f0f-4f3f-9d4c-2f6f1e0d8a11",
    name="flexvdi-manager",
    hostname="manager.example",
    address="10.0.4.50/24",
    gateway="10.0.4.1",
    dns=("10.0.4.2",),
    version="0.1.0",
    base="centos-stream-10",
    mac="52:54:00:aa:bb:cc",
    bridge="br-mgmt",
    vcpus=2,
    memory=2048,
    display="spice",
)
VARIANTS: dict[str, tuple[dict[str, Any], Hypervisor]] = {
    "kvm-spice": ({}, Hypervisor("kvm")),
    "tcg-vnc": ({"display": "vnc", "direct": False}, Hypervisor("tcg")),
    "kvm-no-display": ({"display": "none", "vcpus": 8}, Hypervisor("kvm")),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_definitions_are_as_they_were(variant: str) -> None:
    changes, hypervisor = VARIANTS[variant]
    kept = Kept(folder="/srv/images/flexvdi-manager", descriptor=DESCRIPTOR.changed(**changes))
    xml = domain_xml(kept, hypervisor)
    golden = GOLDENS / f"{variant}.xml"
    if os.environ.get("FLEXVDI_UPDATE_GOLDENS"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(xml)
    assert xml == golden.read_text()
    assert descriptor_id_of(xml) == DESCRIPTOR.id


def test_a_guest_of_somebody_else_is_none_of_ours() -> None:
    assert descriptor_id_of("<domain><name>flexvdi-manager</name></domain>") == ""


def test_the_seed_tells_name_network_and_secrets() -> None:
    token, setup = Secret("JOINTOKENJOINTOKEN"), Secret("setup")
    seed = seed_for(request(), token, setup)
    texts = seed_texts(DESCRIPTOR, seed)
    assert yaml.safe_load(texts["meta-data"])["local-hostname"] == "manager.example"
    (network,) = yaml.safe_load(texts["network-config"])["ethernets"].values()
    assert network["addresses"] == ["10.0.4.50/24"]
    assert network["routes"] == [{"to": "0.0.0.0/0", "via": "10.0.4.1"}]
    read = read_user_data(texts["user-data"])
    assert read == seed and read.join_token == token and read.administrator is not None
    assert read.setup_secret is None  # nobody needs it, so nobody has it
    shown = "".join(masked(texts, seed).values())
    assert token.reveal() not in shown and HASH.reveal() not in shown
    later = seed_texts(DESCRIPTOR, None)
    assert later["network-config"] == texts["network-config"]
    assert read_user_data(later["user-data"]).administrator is None


def test_an_ipv6_manager_gets_an_ipv6_route() -> None:
    six = DESCRIPTOR.changed(address="fd00:4::50/64", gateway="fe80::1", dns=())
    (network,) = yaml.safe_load(seed_texts(six, None)["network-config"])["ethernets"].values()
    assert network["routes"] == [{"to": "::/0", "via": "fe80::1"}]
    assert "nameservers" not in network


@pytest.mark.skipif(shutil.which("xorriso") is None, reason="needs xorriso")
def test_the_medium_is_read_by_others(tmp_path: Path) -> None:
    texts = seed_texts(DESCRIPTOR, seed_for(request(), Secret("T" * 32), Secret("s")))
    medium = tmp_path / "seed.iso"
    medium.write_bytes(seed_medium({**texts, "vendor-data": "x" * 9000}))
    argv = ["xorriso", "-indev", str(medium), "-osirrox", "on", "-extract", "/", f"{tmp_path}/out"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
    assert "Volume id    : 'cidata'" in said
    read = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert read == {**texts, "vendor-data": "x" * 9000}


def test_the_same_files_make_the_same_medium() -> None:
    files = {"a": b"1", "b": b""}
    assert make_medium("cidata", files) == make_medium("cidata", dict(reversed(files.items())))
