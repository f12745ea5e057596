"""The keyboard layout of the console."""

from __future__ import annotations

from host.document.model import HostDocument
from host.document.system_files import keyboard_files
from host.files_part import Contents, FilesPart
from host.machine import Machine

_CONSOLE_UNITS = ("console-setup.service", "systemd-vconsole-setup.service")


def _files(document: HostDocument, _machine: Machine) -> Contents:
    return keyboard_files(document.identity.keyboard)


def _activate(_document: HostDocument, machine: Machine, _changed: tuple[str, ...]) -> None:
    machine.services.restart_first(_CONSOLE_UNITS)


PART = FilesPart(name="keyboard", title="Keyboard", rank=20, files=_files, activate=_activate)
