"""Domains in memory (host.machine.manager.domains.Domains), with a Manager's appliance in them.

A domain that starts tells on its console what the appliance tells, and from then on the simulated
Manager answers (host.backends.simulated.manager.link). ``appliance`` in the machine's JSON changes
that: its ``lines`` are what the console says instead.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from xml.etree import ElementTree

from foundation.appliance_seed import ApplianceProgress, progress_line
from foundation.failure import Failure
from host.backends.simulated.simulation import Simulation
from host.machine.manager.domains import Console, Domain

FINGERPRINT = "5e" * 32
_PROGRESS = (
    ApplianceProgress(step="data", state="running", words="The data disk is being formatted."),
    ApplianceProgress(step="database", state="running", words="The database is being made."),
    ApplianceProgress(step="ready", state="ready", words="Ready.", fingerprint=FINGERPRINT),
)


@dataclass(frozen=True)
class _Known:
    domain: Domain
    console: str = ""


class SimulatedDomains:
    """``known`` are the domains by name (JSON: ``other_guests``, their states by name)."""

    def __init__(self, simulation: Simulation) -> None:
        """As the machine's JSON says."""
        self._simulation = simulation
        self.known: dict[str, _Known] = {}
        for name, state in simulation.facts.get("other_guests", {}).items():
            xml = f"<domain><name>{name}</name></domain>"
            self.known[name] = _Known(Domain(name, state, "", False, xml))

    def place(self, domain: Domain) -> None:
        """Have it from the beginning; one that runs has told how it started."""
        lines = [progress_line(one) for one in _PROGRESS] if domain.is_active else []
        self.known[domain.name] = _Known(domain, "\n".join((*lines, "")))

    def find(self, name: str) -> Domain | None:
        """As it is."""
        self._simulation.meet("domains.find")
        found = self.known.get(name)
        return found.domain if found is not None else None

    def define(self, xml: str) -> None:
        """Replaces; what runs goes on."""
        name = ElementTree.fromstring(xml).findtext("name") or ""
        self._simulation.changes("domains.define", name)
        known = self.known.get(name)
        if known is not None:
            self.known[name] = replace(known, domain=replace(known.domain, xml=xml))
        else:
            self.known[name] = _Known(Domain(name, "shut off", "", False, xml))

    def undefine(self, name: str) -> None:
        """Forget."""
        self._simulation.changes("domains.undefine", name)
        self.known.pop(name, None)

    def start(self, name: str) -> None:
        """It tells on its console how it starts."""
        self._simulation.changes("domains.start", name)
        told = self._simulation.facts.get("appliance", {}).get("lines")
        lines = told if told is not None else [progress_line(one) for one in _PROGRESS]
        console = "\n".join(("Booting from hard disk ...", *lines, ""))
        known = self._there(name)
        running = replace(known.domain, state="running", reason="it was started")
        self.known[name] = _Known(running, known.console + console)

    def shut_down(self, name: str) -> None:
        """At once, unless ``appliance`` says that it is ``deaf``."""
        self._simulation.changes("domains.shut_down", name)
        if not self._simulation.facts.get("appliance", {}).get("deaf"):
            self._end(name, "it shut down by itself")

    def force_off(self, name: str) -> None:
        """At once."""
        self._simulation.changes("domains.force_off", name)
        if name in self.known:
            self._end(name, "it was forced off")

    def set_autostart(self, name: str, on: bool) -> None:
        """Noted."""
        self._simulation.changes("domains.set_autostart", name)
        known = self._there(name)
        self.known[name] = replace(known, domain=replace(known.domain, autostart=on))

    def display(self, name: str) -> str:
        """On the loopback."""
        self._simulation.meet("domains.display")
        active = self._there(name).domain.is_active
        return "spice://127.0.0.1:5900" if active else ""

    def console_text(self, name: str) -> str:
        """What was told since it was renewed."""
        self._simulation.meet("domains.console_text")
        known = self.known.get(name)
        return known.console if known is not None else ""

    def renew_console(self, name: str) -> None:
        """Nothing was told yet."""
        self._simulation.changes("domains.renew_console", name)
        self.known[name] = replace(self._there(name), console="")

    def open_console(self, name: str) -> Console:
        """One that echoes."""
        self._simulation.meet("domains.open_console")
        if not self._there(name).domain.is_active:
            raise Failure(f"{name} is not running.", "Start it, then open its console.")
        return SimulatedConsole(self._there(name).console)

    def ask_agent(self, name: str, command: str, arguments: Mapping[str, Any]) -> Any:
        """The answers that ``agent`` in the machine's JSON has."""
        self._simulation.changes("domains.ask_agent", command)
        answers = self._simulation.facts.get("agent", {})
        if command not in answers:
            raise Failure("The guest agent does not answer.", "Its system may be starting.")
        if "restore" in arguments.get("arg", ()):
            # The Manager is started once more, and tells how.
            known = self._there(name)
            told = "".join(f"{progress_line(one)}\n" for one in _PROGRESS)
            self.known[name] = replace(known, console=known.console + told)
        return answers[command]

    def migrate(self, name: str, destination: str) -> None:
        """It is gone from here."""
        self._simulation.changes("domains.migrate", name)
        self.known.pop(name)

    def _end(self, name: str, reason: str) -> None:
        known = self._there(name)
        self.known[name] = replace(
            known, domain=replace(known.domain, state="shut off", reason=reason)
        )

    def _there(self, name: str) -> _Known:
        if name not in self.known:
            raise Failure(f"libvirt knows no guest {name}.", "See `flexvdi-config manager status`.")
        return self.known[name]


class SimulatedConsole:
    """Says what was said, then what is typed."""

    def __init__(self, text: str) -> None:
        """``text`` comes first."""
        self._waiting = text.replace("\n", "\r\n").encode()
        self._is_open = True
        self._changed = threading.Condition()

    def read(self, seconds: float) -> bytes | None:
        """All there is."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self._is_open, seconds)
            data, self._waiting = self._waiting, b""
            return data if self._is_open else None

    def write(self, data: bytes) -> None:
        """Echoes."""
        with self._changed:
            self._waiting += data
            self._changed.notify_all()

    def close(self) -> None:
        """The end."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()
