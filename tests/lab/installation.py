"""Installing a lab machine from the medium, and booting what came of it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.lab.accelerator import PATIENT_KERNEL
from tests.lab.console import SerialConsole
from tests.lab.host_shell import HostShell
from tests.lab.machine import (
    Disk,
    Firmware,
    Machine,
    RunningMachine,
    create_disk,
    keep_firmware_variables,
    overlay,
    running,
)
from tests.lab.made_once import alone
from tests.lab.phases import Phases
from tests.lab.places import LAB, own_command
from tests.lab.sockets import free_port

BOOT_SECONDS = 1800.0
"""How long a machine under software emulation may take to show its first screen."""
INSTALL_SECONDS = 3000.0
"""How long an installation may take from its first screen on."""

DISK_GIB = 32
"""What the templates' default sizes fit on with room for images; the files are sparse."""

AT_WORK = "Installing (by the kickstart|flexVDI)"
FINISHED = "Installation finished"
FAILED = "Installation failed"
STATUS_SCREEN = "flexVDI Config"


def embed(iso: Path, kickstart: str, folder: Path, arguments: str = "") -> Path:
    """A copy of the medium that carries ``kickstart`` and boots into it."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / "install.iso"
    shutil.copy(iso, copy)
    answers = folder / "ks.cfg"
    answers.write_text(kickstart)
    line = f"{arguments} {PATIENT_KERNEL}".strip()
    command = [own_command("flexvdi-iso"), "embed", str(copy), str(answers)]
    subprocess.run(
        [*command, "--kernel-arguments", line], check=True, capture_output=True, text=True
    )
    return copy


def watch_installation(console: SerialConsole, phases: Phases) -> None:
    """Follow an unattended installation on the serial line until the machine powers off."""
    watch_until_installed(console, phases)
    with phases.phase("power off"):
        console.wait_for_end(INSTALL_SECONDS)


def watch_until_installed(console: SerialConsole, phases: Phases) -> None:
    """Follow an unattended installation until it says how it ended; AssertionError if badly."""
    with phases.phase("boot the installer"):
        console.wait_for(f"{AT_WORK}|{FINISHED}|{FAILED}", BOOT_SECONDS)
    with phases.phase("install"):
        seen = console.wait_for(f"{FINISHED}|{FAILED}", INSTALL_SECONDS)
        if seen.group() == FAILED:
            raise AssertionError(f"the installation failed:\n{console.screen}")


@dataclass(frozen=True)
class Installed:
    """Disks with an installed host, and the machine they belong into (without a medium)."""

    machine: Machine
    folder: Path

    def overlays(self, folder: Path) -> tuple[Disk, ...]:
        """Copies of its disks that a test may change."""
        return tuple(
            overlay(disk, folder / f"disk{number}.qcow2")
            for number, disk in enumerate(self.machine.disks)
        )


def install(
    machine: Machine, iso: Path, kickstart: str, folder: Path, *, usb: bool = False
) -> Phases:
    """Install the empty disks of ``machine`` by ``kickstart``; how long it took."""
    medium = embed(iso, kickstart, folder)
    with_medium = replace(
        machine,
        cdrom=None if usb else medium,
        usb_stick=medium if usb else None,
        extra=(*machine.extra, "-no-reboot"),
    )
    phases = Phases()
    with running(with_medium, folder / "installing") as run:
        watch_installation(run.console, phases)
    medium.unlink()
    return phases


def install_once(
    name: str,
    iso: Path,
    kickstart: str,
    *,
    firmware: Firmware = "bios",
    disks: int = 1,
    disk_gib: int = DISK_GIB,
    usb: bool = False,
    memory: int = 2048,
) -> Installed:
    """An installed host; made at the first call and reused while medium and kickstart stay.

    Safe to call from several test processes at once: one installs, the others wait.
    """
    with iso.with_suffix(".iso.sha256").open() as stream:
        medium = stream.read().split()[0]
    key = hashlib.sha256(f"{medium}{kickstart}{firmware}{disks}{disk_gib}{usb}{memory}".encode())
    folder = LAB / "installed" / f"{name}-{key.hexdigest()[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    machine = Machine(name, firmware, memory=memory)
    description = folder / "installed.json"
    with alone(folder):
        drives = tuple(
            Disk(folder / f"disk{number}.qcow2", serial=f"lab-{number}") for number in range(disks)
        )
        installed = Installed(machine.with_disks(*drives), folder)
        if description.exists():
            return installed
        for drive in drives:
            create_disk(drive.path, disk_gib, serial=drive.serial)
        phases = install(installed.machine, iso, kickstart, folder, usb=usb)
        description.write_text(json.dumps(phases.seconds, indent=1))
    return installed


@dataclass(frozen=True)
class BootedHost:
    """An installed host that runs: the machine with its serial console, and a root shell."""

    machine: RunningMachine
    shell: HostShell

    @property
    def console(self) -> SerialConsole:
        """Its serial console."""
        return self.machine.console


@contextmanager
def booted(
    installed: Installed, folder: Path, *, disks: tuple[Disk, ...] | None = None
) -> Iterator[BootedHost]:
    """Boot (overlays of) the installed disks, to the status screen on the serial console."""
    port = free_port()
    drives = installed.overlays(folder) if disks is None else disks
    machine = replace(installed.machine, disks=drives, ports={port: 22})
    keep_firmware_variables(installed.folder / "installing", folder)
    with running(machine, folder) as run:
        run.console.wait_for_screen(STATUS_SCREEN, BOOT_SECONDS)
        yield BootedHost(run, HostShell(port))
