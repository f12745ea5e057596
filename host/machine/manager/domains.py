"""Single guests of a machine, as libvirt's domains: what the Manager's guest needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

DomainState = Literal["running", "paused", "shutting down", "shut off", "crashed", "unknown"]


@dataclass(frozen=True)
class Domain:
    """A domain: its ``xml`` as libvirt keeps it, its state, and libvirt's ``reason`` for it."""

    name: str
    state: DomainState
    reason: str
    autostart: bool
    xml: str

    @property
    def is_active(self) -> bool:
        """Whether a QEMU process holds its disks."""
        return self.state in ("running", "paused", "shutting down")


class Console(Protocol):
    """The serial console of a running domain, both ways."""

    def read(self, seconds: float) -> bytes | None:
        """What came, after at most ``seconds``; empty when nothing did, None at its end."""

    def write(self, data: bytes) -> None:
        """Type ``data``."""

    def close(self) -> None:
        """Leave the console to others."""


class Domains(Protocol):
    """libvirt's QEMU driver. Calls with a name that is not known raise Failure unless they say."""

    def find(self, name: str) -> Domain | None:
        """The domain; None when libvirt knows none of that name."""

    def define(self, xml: str) -> None:
        """Keep a definition; one with the same name and UUID is replaced."""

    def undefine(self, name: str) -> None:
        """Forget a definition; its disks stay. Nothing happens when there is none."""

    def start(self, name: str) -> None:
        """Start it; nothing happens when it runs."""

    def shut_down(self, name: str) -> None:
        """Ask its system to shut down, by ACPI and the guest agent; returns at once."""

    def force_off(self, name: str) -> None:
        """End it at once, as pulling the plug; nothing happens when it is off."""

    def set_autostart(self, name: str, on: bool) -> None:
        """Have it started whenever libvirt is."""

    def display(self, name: str) -> str:
        """Where its screen is served, as in ``spice://127.0.0.1:5900``; empty when nowhere."""

    def console_text(self, name: str) -> str:
        """What its serial console has said since it was renewed; empty when nothing is kept."""

    def renew_console(self, name: str) -> None:
        """Let its console's text begin anew, so that no earlier start speaks for the next one.

        What was said before is put aside. The domain must be off.
        """

    def open_console(self, name: str) -> Console:
        """Its serial console, taken over from whoever has it."""

    def ask_agent(self, name: str, command: str, arguments: Mapping[str, Any]) -> Any:
        """The guest agent's answer to a command; raises Failure when no agent answers in time."""

    def migrate(self, name: str, destination: str) -> None:
        """Move it, running, to the libvirt at the URI ``destination``; its disks must be shared."""
