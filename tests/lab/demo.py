"""The demo: a virtual machine installed unattended from the ISO, up to its flexVDI Config."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from foundation.command_line import OneLineParser, run_command
from foundation.failure import Failure
from tests.lab.installation import (
    BOOT_SECONDS,
    DISK_GIB,
    STATUS_SCREEN,
    embed,
    watch_installation,
)
from tests.lab.kickstarts import ROOT_PASSWORD, render
from tests.lab.machine import Machine, create_disk, keep_firmware_variables, running
from tests.lab.phases import Phases
from tests.lab.places import BASE, LAB, iso_path


def arguments_of(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command's own arguments."""
    parser = OneLineParser(prog="make demo", description=__doc__)
    parser.add_argument("--base", default=BASE)
    parser.add_argument("--firmware", choices=("bios", "uefi", "secure-boot"), default="bios")
    parser.add_argument("--disks", type=int, choices=range(1, 9), default=1)
    parser.add_argument("--kickstart", type=Path)
    parser.add_argument("--headless", action="store_true")
    return parser.parse_args(arguments)


def kickstart_for(wanted: argparse.Namespace) -> str:
    """The person's own kickstart, or the template that fits the number of disks."""
    if wanted.kickstart:
        try:
            return str(wanted.kickstart.read_text())
        except (OSError, UnicodeDecodeError) as error:
            raise Failure(
                f"The kickstart {wanted.kickstart} could not be read: {error}.",
                "Give the path of a kickstart in KICKSTART=.",
            ) from error
    if wanted.disks == 1:
        return render("one-disk", disk="vda", hostname="demo.flexvdi.test")
    return render("mirrored-disks", disk="vda", second_disk="vdb", hostname="demo.flexvdi.test")


def demo(arguments: Sequence[str]) -> int:
    """Install, boot, and leave the person in front of the console (or end, when headless)."""
    wanted = arguments_of(arguments)
    iso = iso_path(wanted.base)
    phases = Phases()
    folder = LAB / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    with phases.phase("embed the kickstart"):
        medium = embed(iso, kickstart_for(wanted), folder)
    drives = tuple(
        create_disk(folder / f"disk{number}.qcow2", DISK_GIB, serial=f"demo-{number}")
        for number in range(wanted.disks)
    )
    machine = Machine("flexvdi-demo", wanted.firmware, disks=drives)
    print(f"Installing unattended ({wanted.firmware}, {wanted.disks} disk(s)) …", flush=True)
    with_medium = replace(machine, cdrom=medium, extra=("-no-reboot",))
    with running(with_medium, folder / "installing") as run:
        watch_installation(run.console, phases)
    print("Booting the installed disk …", flush=True)
    keep_firmware_variables(folder / "installing", folder / "host")
    with running(machine, folder / "host") as run:
        with phases.phase("boot to flexVDI Config"):
            run.console.wait_for_screen(STATUS_SCREEN, BOOT_SECONDS)
        if wanted.headless:
            print(run.console.screen)
        else:
            invite(wanted)
            run.child.send("\f")
            run.child.interact(escape_character=chr(29))
    print("\nHow long each phase took:\n" + phases.table())
    return 0


def invite(wanted: argparse.Namespace) -> None:
    """Tell how to log in and how to get out before the console takes the terminal."""
    print("\nThis is the serial console of the new host.")
    if not wanted.kickstart:
        print(f"Log in as root with the password: {ROOT_PASSWORD}")
    print("Leave it with Ctrl-] (the machine is then switched off).\n", flush=True)


def main(arguments: Sequence[str]) -> int:
    """Turn what the machine failed to show into a failure a person can read."""
    try:
        return demo(arguments)
    except AssertionError as error:
        print(error, file=sys.stderr)
        raise Failure(
            "The virtual machine did not get as far as it should.",
            "What it showed last is above.",
            log=str(LAB / "demo"),
        ) from error


if __name__ == "__main__":
    sys.exit(run_command(main, sys.argv[1:]))
