"""A medium that stays where firmware starts it before the disks: it installs once, not for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.installation import (
    BOOT_SECONDS,
    DISK_GIB,
    STATUS_SCREEN,
    embed,
    watch_until_installed,
)
from tests.lab.kickstarts import render
from tests.lab.machine import Firmware, Machine, create_disk, running
from tests.lab.phases import Phases

AGAIN = "Start the host that this medium has installed"


@pytest.mark.full
@pytest.mark.parametrize("firmware", ["bios", "uefi", "secure-boot"])
def test_a_stick_starts_the_host_that_it_has_installed(
    iso: Path, folder: Path, firmware: Firmware
) -> None:
    kickstart = render("one-disk", disk="vda", hostname="stays.flexvdi.test", finish="reboot")
    # With UEFI, the firmware's own list would lead to the disk.
    kickstart = kickstart.replace("\nbootloader", "\nbootloader --leavebootorder")
    assert "--leavebootorder" in kickstart
    stick = embed(iso, kickstart, folder)
    disk = create_disk(folder / "disk.qcow2", DISK_GIB, serial="stays")
    machine = Machine("stays", firmware, memory=3072, disks=(disk,), usb_stick=stick)
    with running(machine, folder) as run:
        watch_until_installed(run.console, Phases())
        place = run.console.mark()
        run.console.wait_for(f"Booting .{AGAIN}", BOOT_SECONDS, since=place)
        run.console.wait_for("Starting slot", BOOT_SECONDS, since=place)
        run.console.wait_for_screen(STATUS_SCREEN, BOOT_SECONDS)
        run.console.wait_for_screen(r"stays\.flexvdi\.test", BOOT_SECONDS)
