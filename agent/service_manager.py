"""Telling systemd how it goes (sd_notify(3)), and that the main loop still turns."""

from __future__ import annotations

import os
import socket


def tell(**states: str) -> None:
    """Send ``READY="1"``, ``STATUS="…"``, ``WATCHDOG="1"`` …; nothing happens without systemd."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    lines = "\n".join(f"{name}={' '.join(text.split())}" for name, text in states.items())
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(lines.encode(), address)
    except OSError:
        return


def watchdog_interval() -> float | None:
    """Seconds between signs of life, half of what systemd allows; None if it does not watch."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 2_000_000 if microseconds.isdecimal() else None
