"""The boot menu of a USB stick, on the serial line: verify, rescue, and the disk beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab.console import SerialConsole
from tests.lab.installation import BOOT_SECONDS, STATUS_SCREEN, Installed
from tests.lab.machine import running

LAST_ENTRY = "Boot from the local disk"


def choose(console: SerialConsole, hotkey: str, *, since: int = 0) -> None:
    """Wait for the menu, go to the entry by its own key, and boot it."""
    console.wait_for(LAST_ENTRY, BOOT_SECONDS, since=since)
    console.press(hotkey, "enter")


@pytest.mark.full
def test_every_entry_does_what_it_says(iso: Path, one_disk: Installed, folder: Path) -> None:
    machine = replace(one_disk.machine, disks=one_disk.overlays(folder), usb_stick=iso)
    with running(machine, folder) as run:
        console = run.console
        choose(console, "v")
        console.wait_for("verify-medium: result=ok", BOOT_SECONDS)
        console.wait_for("1\\) Reboot", 300)
        place = console.mark()
        console.type("1\r")

        choose(console, "r", since=place)
        console.wait_for("one.flexvdi.test: flexVDI", BOOT_SECONDS, since=place)
        console.wait_for(r"root@\S+#", 300, since=place)
        name = console.command("chroot /mnt/sysroot cat /etc/hostname", 300)
        assert name == "one.flexvdi.test"
        mounted = console.command("findmnt --json --list --output target | cat", 300)
        targets = {entry["target"] for entry in json.loads(mounted)["filesystems"]}
        assert {"/mnt/sysroot/boot", "/mnt/sysroot/var"} <= targets
        place = console.mark()
        console.type("systemctl reboot\r")

        choose(console, "l", since=place)
        console.wait_for(STATUS_SCREEN, BOOT_SECONDS, since=place)
        console.wait_for_screen(r"one\.flexvdi\.test", 300)
