"""Looking at links, and trying them, with a real NetworkManager and a station at the other end."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.host.network_lab import NetworkLab

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("NetworkManager") is None or shutil.which("arping") is None,
    reason="needs root, for namespaces, NetworkManager, and arping of iputils",
)

_DOCUMENT = """
network:
  interfaces:
  - kind: ethernet
    name: port0
    ipv4: {method: manual, addresses: [10.7.0.2/24], gateway: 10.7.0.1}
    ipv6: {method: disabled}
"""
_APPLY = """
import host.parts
from host.audit import Actor
from host.backends.real.backend import RealHost
from host.document.reading import parse_document
from host.parts.network import PART
host.parts.find_parts = lambda: (PART,)
RealHost().apply(parse_document(facts["document"], "test"), Actor("root", "lab"))
"""


@pytest.fixture
def lab() -> Iterator[NetworkLab]:
    """The other end of port0 is a station apart, 10.7.0.1."""
    with NetworkLab() as lab:
        lab.run("ip", "netns", "add", "far")
        lab.run("ip", "link", "set", "peer0", "netns", "far")
        lab.run("ip", "-n", "far", "address", "add", "10.7.0.1/24", "dev", "peer0")
        lab.run("ip", "-n", "far", "link", "set", "peer0", "up")
        lab.python(_APPLY, document=_DOCUMENT)
        lab.wait_for(lambda: lab.addresses("port0") == ["10.7.0.2/24"], "no address")
        yield lab


def answer(lab: NetworkLab, *verb: str) -> Any:
    code = (
        "import contextlib, io\n"
        "from config_tui.command_line import make_parser\n"
        "from host.api import open_host\n"
        "options = make_parser().parse_args([*facts['verb'], '--json'])\n"
        "said = io.StringIO()\n"
        "with contextlib.redirect_stdout(said):\n"
        "    options.run(open_host(), options)\n"
        "result = json.loads(said.getvalue())\n"
    )
    return lab.python(code, verb=list(verb))


def probes(lab: NetworkLab) -> dict[tuple[str, str], str]:
    return {(one["kind"], one["target"]): one["state"] for one in answer(lab, "network", "test")}


def test_what_is_there_is_shown(lab: NetworkLab) -> None:
    found = {one["name"]: one for one in answer(lab, "network", "show")}
    port = found["port0"]
    assert (port["carrier"], port["state"], port["profile"]) == (True, "up", "flexvdi-port0")
    assert "10.7.0.2/24" in port["addresses"]
    assert port["gateway"] == "10.7.0.1"


def test_the_gateway_answers_until_it_is_gone(lab: NetworkLab) -> None:
    found = probes(lab)
    assert found["gateway", "10.7.0.1"] == "ok"
    assert found["address", "10.7.0.2/24"] == "ok"
    assert found["duplicate", "10.7.0.2"] == "ok"
    lab.run("ip", "-n", "far", "address", "flush", "dev", "peer0")
    assert probes(lab)["gateway", "10.7.0.1"] == "failed"


def test_an_address_that_another_station_has_is_found(lab: NetworkLab) -> None:
    lab.run("ip", "-n", "far", "address", "add", "10.7.0.2/24", "dev", "peer0")
    far = json.loads(lab.run("ip", "-n", "far", "-json", "link", "show", "peer0"))[0]["address"]
    found = answer(lab, "network", "test")
    duplicate = next(one for one in found if one["kind"] == "duplicate")
    assert duplicate["state"] == "failed"
    assert far in duplicate["reason"]


def test_a_link_without_a_cable_is_told(lab: NetworkLab) -> None:
    lab.run("ip", "-n", "far", "link", "set", "peer0", "down")
    assert ("link", "") in probes(lab)
    assert probes(lab)["link", ""] == "failed"


def test_a_profile_made_by_nmcli_is_listed_and_read(lab: NetworkLab) -> None:
    lab.run(
        *("nmcli", "connection", "add", "type", "ethernet", "ifname", "port1"),
        *("con-name", "theirs", "ipv4.method", "manual", "ipv4.addresses", "10.8.0.2/24"),
        *("ipv4.gateway", "10.8.0.1", "ipv4.dns", "10.8.0.1", "ipv6.method", "disabled"),
    )
    (profile,) = answer(lab, "network", "profiles")
    assert (profile["name"], profile["interface"]) == ("theirs", "port1")
    adopted = lab.python(
        "from host.api import open_host\n"
        "result = open_host().network.adopt('theirs').model_dump(mode='json')\n"
    )
    assert adopted["name"] == "port1"
    assert adopted["ipv4"]["addresses"] == ["10.8.0.2/24"]
    assert adopted["ipv4"]["gateway"] == "10.8.0.1"
    assert adopted["dns_servers"] == ["10.8.0.1"]
    assert adopted["ipv6"]["method"] == "disabled"
