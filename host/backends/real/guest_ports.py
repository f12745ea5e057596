"""The interfaces of guests on bridges: which there are, and keeping them there.

libvirt puts a guest's interface into a bridge, and NetworkManager knows it as somebody else's.
When a bridge is brought up anew, its ports of others fall out, and the guest would be cut off.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from foundation.failure import Failure
from foundation.process import run

log = logging.getLogger("flexvdi.network")

GUEST_INTERFACES = ("vnet", "tap")
_SYSTEM = Path("/sys/class/net")


def guest_ports(system: Path = _SYSTEM) -> dict[str, tuple[str, ...]]:
    """The interfaces of guests on each bridge that has any."""
    found = {}
    for folder in sorted(system.glob("*/brif")):
        names = tuple(
            sorted(port.name for port in folder.iterdir() if port.name.startswith(GUEST_INTERFACES))
        )
        if names:
            found[folder.parent.name] = names
    return found


def put_back(guests: Mapping[str, tuple[str, ...]], system: Path = _SYSTEM) -> None:
    """Put those of ``guests`` that fell out of their bridges back; what is gone is passed over."""
    for bridge, names in guests.items():
        for name in names:
            exists = (system / name).exists() and (system / bridge / "bridge").exists()
            if exists and not (system / name / "master").exists():
                try:
                    run(["ip", "link", "set", "dev", name, "master", bridge, "up"], timeout=10)
                except Failure as failure:
                    log.warning("%s is not back on %s: %s", name, bridge, failure.cause)
