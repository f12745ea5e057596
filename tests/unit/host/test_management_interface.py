"""Which interface a status calls the one that administrators reach the host by."""

from __future__ import annotations

import pytest

from host.backends.real.interfaces import management_interface
from host.document.addressing import IPv4Settings, IPv6Settings
from host.document.network import Ethernet, Network
from host.status import InterfaceStatus

OFF = IPv4Settings(method="disabled")
FIXED = IPv6Settings.model_validate({"method": "manual", "addresses": ["fd00:4::13/64"]})
# Neither leads anywhere: no router is named, and eno1 takes none.
ISOLATED = Network(
    interfaces=(
        Ethernet(name="eno1", ipv4=OFF, ipv6=IPv6Settings(default_route=False)),
        Ethernet(name="eno2", ipv4=OFF, ipv6=FIXED),
    )
)


def links(**addresses: str) -> tuple[InterfaceStatus, ...]:
    return tuple(
        InterfaceStatus(name, "ethernet", "", True, addresses=(address,) if address else ())
        for name, address in addresses.items()
    )


BOTH = links(eno1="fd00:9::2/64", eno2="fd00:4::13/64")


@pytest.mark.parametrize(
    ("network", "found", "leading", "is_it"),
    [
        (Network(management="eno2", interfaces=ISOLATED.interfaces), BOTH, "eno1", "eno2"),
        (ISOLATED, BOTH, "eno2", "eno2"),
        (ISOLATED, BOTH, None, "eno1"),
        (ISOLATED, links(eno1="", eno2="fd00:4::13/64"), None, "eno2"),
        (ISOLATED, links(eno1="", eno2=""), None, "eno1"),
        (Network(), links(eno1="", eno2="10.0.4.13/24"), None, "eno2"),
        (Network(), links(eno1="", eno2=""), None, None),
        (None, BOTH, None, "eno1"),
        (None, (), None, None),
    ],
)
def test_it_is_found_also_where_nothing_leads_out(
    network: Network | None, found: tuple[InterfaceStatus, ...], leading: str | None, is_it: str
) -> None:
    assert management_interface(network, found, leading) == is_it
