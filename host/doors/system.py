"""SystemApi on the ports of a machine (host.api.system)."""

from __future__ import annotations

import time
from zoneinfo import available_timezones

from foundation.failure import Failure
from host.api.system import Choice, CrashDumpStatus, Slot, TimeSource, TimeStatus
from host.audit import Actor, record
from host.document.system import LogTarget
from host.in_force import document_in_force
from host.jobs import Jobs
from host.machine import Machine

_LAYOUTS_FILE = "usr/share/X11/xkb/rules/base.lst"
_MESSAGE = "A test message of flexvdi-config, sent by {who}."
# Names of the tz database that are only there for old programs.
_OLD_ZONES = ("Etc/", "SystemV/", "posix/", "right/", "localtime", "Factory")
# Where a host has no list: the layouts that are asked for most.
_USUAL_LAYOUTS = {
    "us": "English (US)",
    "es": "Spanish",
    "latam": "Spanish (Latin American)",
    "de": "German",
    "fr": "French",
    "gb": "English (UK)",
    "it": "Italian",
    "pt": "Portuguese",
    "br": "Portuguese (Brazil)",
}
_LANGUAGES = {
    "C.UTF-8": "English (plain)",
    "en_US.UTF-8": "English (United States)",
    "en_GB.UTF-8": "English (United Kingdom)",
    "es_ES.UTF-8": "Español (España)",
    "es_MX.UTF-8": "Español (México)",
}


class SystemDoor:
    """See host.api.system.SystemApi."""

    def __init__(self, machine: Machine, jobs: Jobs) -> None:
        """The door to ``machine``."""
        self._machine = machine
        self._jobs = jobs

    def keyboards(self) -> tuple[Choice, ...]:
        """From the X keyboard rules that console-setup and localed use too."""
        content = self._machine.files.read(_LAYOUTS_FILE)
        layouts = read_layouts(content.text) if content is not None else dict(_USUAL_LAYOUTS)
        choices = (Choice(name, title) for name, title in layouts.items())
        return tuple(sorted(choices, key=lambda choice: choice.title.casefold()))

    def languages(self) -> tuple[Choice, ...]:
        """With a title where we know one."""
        return tuple(
            Choice(name, _LANGUAGES.get(name, name)) for name in self._machine.locales.available()
        )

    def timezones(self) -> tuple[str, ...]:
        """UTC first."""
        zones = (name for name in available_timezones() if not name.startswith(_OLD_ZONES))
        return tuple(sorted(zones, key=lambda name: (name != "UTC", name)))

    def time_status(self) -> TimeStatus:
        """What is silent is told in ``problem``; the rest is still there."""
        clock = self._machine.clock
        zone, synchronised, offset, problem, remedy = "", False, None, "", ""
        sources: tuple[TimeSource, ...] = ()
        try:
            zone, synchronised = clock.timezone(), clock.synchronised()
            sources, offset = clock.sources(), clock.offset()
        except Failure as failure:
            problem, remedy = failure.cause, failure.remedy
        return TimeStatus(time.time(), zone, synchronised, offset, sources, problem, remedy)

    def firewall_services(self) -> tuple[str, ...]:
        """Sorted."""
        return tuple(sorted(self._machine.firewall.known_services()))

    def test_log_target(self, target: LogTarget, actor: Actor) -> str:
        """One message, straight from here."""
        place = f"{target.host}, port {target.effective_port}/{target.protocol}"
        try:
            self._machine.log_sender.send(target, _MESSAGE.format(who=actor))
        except Failure as failure:
            words = f"{place}: {failure.cause}"
            record(actor, "log-target", "failed", words, verb="log-target test")
            raise
        words = f"A message was sent to {place}."
        record(actor, "log-target", "done", words, verb="log-target test")
        if target.protocol == "udp":
            words += " UDP tells nobody whether it arrived: look there."
        return words

    def slots(self) -> tuple[Slot, ...]:
        """As the boot menu has them."""
        return self._machine.slots.slots()

    def crash_dump_status(self) -> CrashDumpStatus:
        """The kernel's word against the document's."""
        wanted = document_in_force(self._machine.files).crash_dump
        crash = self._machine.crash
        reserved, armed = crash.reserved(), crash.loaded()
        problem = ""
        if wanted.enabled and not reserved:
            problem = "No memory is set aside yet: reboot once."
        elif wanted.enabled and not armed:
            problem = "Memory is set aside, but nothing waits in it: see `systemctl status kdump*`."
        return CrashDumpStatus(armed, reserved, crash.dumps(wanted.directory), problem)


def read_layouts(text: str) -> dict[str, str]:
    """Layouts and variants in an X keyboard rules list: ``us(intl)`` to its title."""
    layouts: dict[str, str] = {}
    section = ""
    for line in text.splitlines():
        if line.startswith("!"):
            section = line[1:].strip()
            continue
        name, _space, title = line.strip().partition(" ")
        if section == "layout" and name and name != "custom":
            layouts[name] = title.strip()
        elif section == "variant" and name:
            layout, _colon, words = title.strip().partition(":")
            if layout in layouts:
                layouts[f"{layout}({name})"] = words.strip()
    return layouts
