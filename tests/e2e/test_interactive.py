"""Installing with a person at the serial console: every question, a step back, a wrong name.

On a machine with UEFI and a disk of 4 KiB sectors, from the CD's own boot menu.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab.host_shell import HostShell, key_pair
from tests.lab.installation import (
    BOOT_SECONDS,
    DISK_GIB,
    FINISHED,
    INSTALL_SECONDS,
    STATUS_SCREEN,
)
from tests.lab.machine import Machine, create_disk, keep_firmware_variables, running
from tests.lab.sockets import free_port

PASSWORD = "typed by a person"
ANSWER_SECONDS = 300.0


@pytest.mark.full
def test_answers_typed_on_the_serial_console(iso: Path, folder: Path) -> None:
    disk = create_disk(folder / "disk.qcow2", DISK_GIB, serial="typed", sector_size=4096)
    machine = Machine("interactive", firmware="uefi", disks=(disk,))
    with_medium = replace(machine, cdrom=iso, extra=("-no-reboot",))
    with running(with_medium, folder / "installing") as run:
        console = run.console
        console.wait_for("Boot from the local disk", BOOT_SECONDS)
        console.press("enter")
        console.wait_for_screen("Language and keyboard", BOOT_SECONDS)
        console.press("tab", "tab", "enter")
        console.wait_for_screen("Tick the disk", ANSWER_SECONDS)
        # Back and forth loses nothing; whoever comes back stands where they left: on Next.
        console.press("escape")
        console.wait_for_screen("Language and keyboard", ANSWER_SECONDS)
        console.press("enter")
        console.wait_for_screen("Tick the disk", ANSWER_SECONDS)
        console.press("space", "tab", "enter")
        console.wait_for_screen("Interface", ANSWER_SECONDS)
        console.press(*["tab"] * 6, "enter")
        console.wait_for_screen("Host name and time", ANSWER_SECONDS)
        console.type("typed.flexvdi.test")
        console.press("tab", "tab", "tab", "enter")
        console.wait_for_screen("Root password", ANSWER_SECONDS)
        console.type(PASSWORD)
        console.press("tab")
        console.type(PASSWORD)
        console.press("tab")
        console.type(key_pair()[1])
        console.press("tab", "enter")
        console.wait_for_screen(r"\[ Install \]", ANSWER_SECONDS)
        console.press("enter")
        console.wait_for_screen("type vda", ANSWER_SECONDS)
        console.type("vdb")
        console.press("tab", "tab", "enter")
        console.wait_for_screen("That is not the name", ANSWER_SECONDS)
        console.press("escape")
        # A key too early would join the escape byte and mean something else.
        console.wait_until_gone("type vda", ANSWER_SECONDS)
        console.press("enter")
        console.wait_for_screen("type vda", ANSWER_SECONDS)
        console.type("vda")
        console.press("tab", "tab", "enter")
        console.wait_for_screen(FINISHED, INSTALL_SECONDS)
        assert PASSWORD not in console.transcript
        console.press("enter")
        console.wait_for_end(INSTALL_SECONDS)
    port = free_port()
    keep_firmware_variables(folder / "installing", folder / "host")
    with running(replace(machine, ports={port: 22}), folder / "host") as run:
        run.console.wait_for_screen(STATUS_SCREEN, BOOT_SECONDS)
        shell = HostShell(port)
        shell.wait_until_ready(BOOT_SECONDS)
        assert shell.run("hostname") == "typed.flexvdi.test"
        assert shell.run("cat /sys/block/vda/queue/logical_block_size") == "4096"
        # What was answered is left as a kickstart that would do the same, without the password.
        kickstart = shell.run("stat -c %a /root/flexvdi-ks.cfg; cat /root/flexvdi-ks.cfg")
        assert kickstart.startswith("600\n")
        assert "typed.flexvdi.test" in kickstart
        assert shell.run(f"grep -rlF '{PASSWORD}' /etc /var/log /root || true") == ""
        report = json.loads(shell.run("cat /var/log/flexvdi/install/report.json"))
        assert report["result"] == "finished"
