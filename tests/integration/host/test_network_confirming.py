"""Trying a network out with a real NetworkManager: everything that can happen before confirming.

Bonds and VLANs are tried where this kernel has them, and always in an installed host
(tests/e2e/test_installed_host.py).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.host.network_lab import NetworkLab

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("NetworkManager") is None,
    reason="needs root, for namespaces, and NetworkManager",
)

_HOST = """
import host.parts
from host.audit import Actor
from host.backends.real.backend import RealHost
from host.document.reading import parse_document
from host.parts.network import PART
# The other parts need daemons that the lab has not.
host.parts.find_parts = lambda: (PART,)
here = RealHost()
who = Actor("root", "lab")
document = parse_document(facts["document"], "test")
"""
_APPLY = f"""{_HOST}
job = here.apply(document, who, confirm_timeout=facts.get("timeout"))
result = job.as_dict() if job else None
"""
_APPLY_AND_DIE = f"""{_HOST}
here.apply(document, who, confirm_timeout=facts.get("timeout"))
os.kill(os.getpid(), signal.SIGKILL)
"""
_DIE_WHILE_APPLYING = f"""{_HOST}
from host.backends.real.network import RealNetwork
activate = RealNetwork.load_and_activate
def dies(self, *arguments):
    activate(self, *arguments)
    os.kill(os.getpid(), signal.SIGKILL)
RealNetwork.load_and_activate = dies
from host import staged_network
staged_network._SECONDS_TO_ACTIVATE = 0
here.apply(document, who, confirm_timeout=facts.get("timeout"))
"""
_STATE = f"""{_HOST}
plan = here.plan(here.document())
pending = here.pending()
result = {{
    "as_documented": plan.is_empty,
    "plan": [change.summary for change in plan.changes],
    "pending": pending.as_dict() if pending else None,
    "jobs": [job.state for job in here.jobs()],
}}
"""

_OLD = """
network:
  interfaces:
  - kind: ethernet
    name: port0
    ipv4: {method: manual, addresses: [10.7.0.2/24], gateway: 10.7.0.1}
    ipv6: {method: disabled}
"""
_NEW_ADDRESS = _OLD.replace("10.7.0.2", "10.7.0.77")
_BRIDGE = """
network:
  interfaces:
  - kind: bridge
    name: br0
    ports: [port0]
    ipv4: {method: manual, addresses: [10.7.0.2/24], gateway: 10.7.0.1}
    ipv6: {method: disabled}
"""
_BOND = """
network:
  interfaces:
  - kind: bond
    name: bond0
    ports: [port0, port1]
    ipv4: {method: manual, addresses: [10.7.0.2/24], gateway: 10.7.0.1}
    ipv6: {method: disabled}
"""
_VLAN = """
network:
  interfaces:
  - {kind: ethernet, name: port0, ipv4: {method: disabled}, ipv6: {method: disabled}}
  - kind: vlan
    name: port0.7
    parent: port0
    id: 7
    ipv4: {method: manual, addresses: [10.7.0.2/24], gateway: 10.7.0.1}
    ipv6: {method: disabled}
"""


@pytest.fixture
def lab() -> Iterator[NetworkLab]:
    with NetworkLab() as lab:
        lab.python(_APPLY, document=_OLD)
        assert lab.addresses("port0") == ["10.7.0.2/24"]
        yield lab


def state(lab: NetworkLab) -> Any:
    return lab.python(_STATE, document="")


def shadows(lab: NetworkLab) -> list[str]:
    said = lab.run("ls", "/run/NetworkManager/system-connections", check=False)
    return [name for name in said.split() if name.startswith("flexvdi-")]


def assert_old(lab: NetworkLab) -> None:
    """The kernel, NetworkManager's profiles and the document say the same: as it was before."""
    lab.wait_for(lambda: lab.addresses("port0") == ["10.7.0.2/24"], "the old address is not back")
    lab.wait_for(lambda: "rolled back" in state(lab)["jobs"], "the job was not put back")
    now = state(lab)
    assert now["as_documented"] and now["pending"] is None, now
    assert shadows(lab) == []
    assert not lab.run("ls", "/sys/class/net").split().count("br0")
    assert "default via 10.7.0.1 dev port0" in lab.run("ip", "route")
    device = lab.run("nmcli", "-g", "GENERAL.CONNECTION", "device", "show", "port0").strip()
    assert device == "flexvdi-port0"


def has(lab: NetworkLab, kind: str) -> None:
    """Skip unless this kernel has interfaces of ``kind``."""
    base = ["link", "port0"] if kind == "vlan" else []
    id_ = ["id", "9"] if kind == "vlan" else []
    if "rc=0" not in lab.run(
        "sh",
        "-c",
        f"ip link add {' '.join(base)} name probe9 type {kind} {' '.join(id_)}; echo rc=$?;"
        " ip link del probe9",
        check=False,
    ):
        pytest.skip(f"this kernel has no {kind} interfaces")


def test_what_is_not_confirmed_goes_back_by_itself(lab: NetworkLab) -> None:
    job = lab.python(_APPLY, document=_NEW_ADDRESS, timeout=8)
    assert job["state"] == "unconfirmed"
    assert lab.addresses("port0") == ["10.7.0.77/24"]
    pending = state(lab)["pending"]
    assert 0 < pending["seconds_left"] <= 8 and pending["guarded"]
    assert_old(lab)


def test_a_bridge_goes_back_into_its_port(lab: NetworkLab) -> None:
    lab.python(_APPLY, document=_BRIDGE, timeout=8)
    lab.wait_for(lambda: lab.addresses("br0") == ["10.7.0.2/24"], "the bridge has no address")
    assert lab.addresses("port0") == []
    assert_old(lab)


@pytest.mark.parametrize(
    ("kind", "name", "document"), [("bond", "bond0", _BOND), ("vlan", "port0.7", _VLAN)]
)
def test_other_kinds_go_back_as_well(lab: NetworkLab, kind: str, name: str, document: str) -> None:
    has(lab, kind)
    lab.python(_APPLY, document=document, timeout=8)
    lab.wait_for(lambda: lab.addresses(name) == ["10.7.0.2/24"], f"{name} has no address")
    assert_old(lab)
    assert not lab.run("ls", "/sys/class/net").split().count(name)


def test_the_death_of_the_client_changes_nothing_about_it(lab: NetworkLab) -> None:
    lab.killed(_APPLY_AND_DIE, document=_BRIDGE, timeout=8)
    lab.wait_for(lambda: lab.addresses("br0") == ["10.7.0.2/24"], "the bridge has no address")
    assert_old(lab)


def test_a_client_that_dies_before_the_countdown_leaves_the_old_network(lab: NetworkLab) -> None:
    lab.killed(_DIE_WHILE_APPLYING, document=_BRIDGE, timeout=8)
    assert state(lab)["pending"] is None
    assert_old(lab)


def test_the_restart_of_network_manager_is_survived(lab: NetworkLab) -> None:
    lab.killed(_APPLY_AND_DIE, document=_BRIDGE, timeout=12)
    lab.kill_network_manager()
    lab.start_network_manager()
    assert not state(lab)["pending"]["guarded"]
    assert_old(lab)


def test_a_changed_address_goes_back_after_the_restart_of_network_manager(lab: NetworkLab) -> None:
    lab.killed(_APPLY_AND_DIE, document=_NEW_ADDRESS, timeout=12)
    lab.kill_network_manager()
    lab.start_network_manager()
    lab.wait_for(lambda: lab.addresses("port0") == ["10.7.0.77/24"], "NetworkManager lost it")
    assert_old(lab)


def test_a_power_cut_brings_the_old_network(lab: NetworkLab) -> None:
    lab.killed(_APPLY_AND_DIE, document=_BRIDGE, timeout=600)
    lab.power_cut()
    lab.wait_for(lambda: lab.addresses("port0") == ["10.7.0.2/24"], "the old address is not back")
    # The boot is the same one here; what the next boot's first command does is tried without it.
    lab.python(
        f"{_HOST}\nfrom host import confirming\n"
        "confirming._boot_id = lambda: 'the next'\nhere.apply_at_boot()",
        document="",
    )
    assert_old(lab)


@pytest.mark.parametrize("document", [_NEW_ADDRESS, _BRIDGE], ids=["address", "bridge"])
def test_what_is_confirmed_by_another_process_stays(lab: NetworkLab, document: str) -> None:
    name, address = ("br0", "10.7.0.2/24") if "bridge" in document else ("port0", "10.7.0.77/24")
    lab.killed(_APPLY_AND_DIE, document=document, timeout=60)
    lab.wait_for(lambda: lab.addresses(name) == [address], "the new network is not up")
    before = lab.run("nmcli", "-g", "UUID,ACTIVE-PATH", "connection", "show", "--active")
    assert json.loads(lab.config("confirm", "--json"))["state"] == "done"
    # Keeping it interrupts nothing: the same activations go on.
    assert lab.run("nmcli", "-g", "UUID,ACTIVE-PATH", "connection", "show", "--active") == before

    def holds() -> None:
        lab.wait_for(lambda: lab.addresses(name) == [address], "the new network went away")
        now = state(lab)
        assert now["as_documented"] and now["pending"] is None and shadows(lab) == [], now

    holds()
    assert not lab.run("sh", "-c", "ls /run/lab-*.timer 2>/dev/null || true").strip()
    lab.kill_network_manager()
    lab.start_network_manager()
    holds()
    lab.power_cut()
    holds()


def test_reverting_by_command_is_at_once(lab: NetworkLab) -> None:
    lab.python(_APPLY, document=_BRIDGE, timeout=600)
    assert json.loads(lab.config("revert", "--json"))["state"] == "rolled back"
    assert_old(lab)


def test_it_can_still_be_confirmed_after_the_restart_of_network_manager(lab: NetworkLab) -> None:
    lab.python(_APPLY, document=_BRIDGE, timeout=600)
    lab.kill_network_manager()
    lab.start_network_manager()
    lab.config("confirm")
    assert state(lab)["as_documented"]
    lab.wait_for(lambda: lab.addresses("br0") == ["10.7.0.2/24"], "the bridge has no address")
    lab.power_cut()
    lab.wait_for(lambda: lab.addresses("br0") == ["10.7.0.2/24"], "the bridge has no address")


def test_foreign_profiles_and_guests_stay_where_they_are(lab: NetworkLab) -> None:
    lab.python(_APPLY, document=_BRIDGE)
    lab.run("ip", "link", "add", "vnet9", "type", "veth", "peer", "name", "guest9")
    lab.run("ip", "link", "set", "vnet9", "master", "br0", "up")
    lab.run("nmcli", "con", "add", "type", "ethernet", "ifname", "port1", "con-name", "theirs")
    other = _BRIDGE.replace("10.7.0.2", "10.7.0.99")
    lab.python(_APPLY, document=other, timeout=8)
    lab.wait_for(lambda: lab.addresses("br0") == ["10.7.0.99/24"], "the change is not up")
    guest = "/sys/class/net/vnet9/master/uevent"
    assert "br0" in lab.run("cat", guest)
    lab.wait_for(lambda: lab.addresses("br0") == ["10.7.0.2/24"], "the old address is not back")
    lab.wait_for(lambda: "rolled back" in state(lab)["jobs"], "the job was not put back")
    assert "br0" in lab.run("cat", guest)
    assert "theirs" in lab.run("nmcli", "-g", "NAME", "connection", "show")
