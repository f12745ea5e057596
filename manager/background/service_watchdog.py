"""Tells systemd that the Manager serves, and that its event loop still turns (sd_notify(3)).

A loop that hangs stops telling, and systemd starts the Manager anew. The first turns after a start
load much at once, which a slow machine must not be punished for: until the loop turns in time,
systemd waits longer. Without systemd, as on a laptop, nothing happens here.
"""

from __future__ import annotations

import asyncio
import os
import socket
from time import monotonic

from manager.services import Services

_MICROSECONDS = 1_000_000
# Told three times in the span that systemd waits.
_SHARE = 3
_WHILE_STARTING = 1800  # seconds that systemd waits at first


async def run(_services: Services) -> None:
    """Tell until cancelled."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place:
        return
    microseconds = int(os.environ.get("WATCHDOG_USEC", "0"))
    _tell(place, "READY=1")
    if not microseconds:
        return
    pause = microseconds / _MICROSECONDS / _SHARE
    _tell(place, f"WATCHDOG_USEC={_WHILE_STARTING * _MICROSECONDS}")
    is_starting = True
    while True:
        began = monotonic()
        await asyncio.sleep(pause)
        _tell(place, "WATCHDOG=1")
        if is_starting and monotonic() - began < 2 * pause:
            is_starting = False
            _tell(place, f"WATCHDOG_USEC={microseconds}")


def _tell(place: str, text: str) -> None:
    # An address that begins with @ is in the kernel's abstract name space.
    address = f"\0{place[1:]}" if place.startswith("@") else place
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.connect(address)
        line.sendall(text.encode())
