"""Lines for what was tried on the network: the page that tests it and the countdown show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.checks import SEVERITY, check_line
from config_tui.kit.text import N_, _

if TYPE_CHECKING:
    from host.api.network import Probe

PROBES = {
    "link": N_("link"),
    "address": N_("address"),
    "duplicate": N_("address is unique"),
    "gateway": N_("gateway"),
    "dns": N_("DNS"),
    "peer": N_("your computer"),
}


def probe_lines(probes: tuple[Probe, ...]) -> list[Any]:
    """A line for each probe, what is wrong first."""
    ordered = sorted(probes, key=lambda probe: SEVERITY.index(probe.state))
    return [
        check_line(
            probe.state,
            f"{probe.interface} {_(PROBES[probe.kind])}",
            f"{probe.target}: {probe.reason}" if probe.target else probe.reason,
            probe.remedy,
        )
        for probe in ordered
    ]
