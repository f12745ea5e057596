"""Sending a message to a log server."""

from __future__ import annotations

from typing import Protocol

from host.document.system import LogTarget


class LogSender(Protocol):
    """One message at a time, for trying a target out."""

    def send(self, target: LogTarget, message: str) -> None:
        """Send ``message`` after RFC 5424; raises Failure when the server cannot be had."""
