"""What a deployment starts from on hosts of either family, and of both."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.deployment.suggesting import suggest
from host.document.deployment import is_next_hop
from host.machine.links import DefaultRoute
from tests.unit.deployment.lab import facts, host_of


def bridge_with(*addresses: str) -> list[dict[str, object]]:
    (bridge,) = facts()["interfaces"]
    return [{**bridge, "addresses": list(addresses)}]


def test_a_host_with_ipv6_alone_suggests_its_own_network(tmp_path: Path) -> None:
    host = host_of(
        tmp_path,
        gateway="fe80::1",
        interfaces=bridge_with("fe80::13/64", "fd00:4::13/64"),
        name_servers=["fd00:4::2", "fe80::1%br-mgmt", "127.0.0.53", "10.0.4"],
    )
    found = host.manager.suggestions()
    assert found.subnets == ("fd00:4::/64",)
    assert found.gateways == ("fe80::1",)
    assert found.dns == ("fd00:4::2",)  # the others are of this host or its link, or none
    assert found.gateway_for("fd00:4::50/64") == "fe80::1"
    assert found.gateway_for("10.0.4.50/24") is None


def test_each_family_has_its_own_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = host_of(tmp_path, interfaces=bridge_with("fd00:4::13/64", "10.0.4.13/24"))
    routes = [
        DefaultRoute("10.0.4.1", "br-mgmt"),
        DefaultRoute("fe80::9", "eno9"),
        DefaultRoute("fe80::1", "br-mgmt"),
    ]
    monkeypatch.setattr(host.machine.links, "default_routes", lambda: tuple(routes))
    found = suggest(host.machine)
    assert found.subnets == ("10.0.4.0/24", "fd00:4::/64")
    assert found.gateways == ("10.0.4.1", "fe80::1")  # a link-local one of another link is none
    assert found.gateway_for("10.0.4.50/24") == "10.0.4.1"
    assert found.gateway_for("fd00:4::50/64") == "fe80::1"
    assert found.gateway_for("10.0.9.50/24") is None


@pytest.mark.parametrize(
    ("gateway", "address", "is_one"),
    [
        ("10.0.4.1", "10.0.4.50/24", True),
        ("10.0.5.1", "10.0.4.50/24", False),
        ("fd00:4::1", "fd00:4::50/64", True),
        ("fe80::1", "fd00:4::50/64", True),
        ("fe80::1", "10.0.4.50/24", False),
        ("169.254.0.1", "10.0.4.50/24", False),
    ],
)
def test_a_next_hop_is_in_the_subnet_or_link_local(
    gateway: str, address: str, is_one: bool
) -> None:
    assert is_next_hop(gateway, address) is is_one
