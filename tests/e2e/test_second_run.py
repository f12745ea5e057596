"""An installation over old storage, cut off in the middle, and the second run after it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab.installation import (
    BOOT_SECONDS,
    INSTALL_SECONDS,
    STATUS_SCREEN,
    Installed,
    watch_installation,
)
from tests.lab.kickstarts import render
from tests.lab.live import live_boot
from tests.lab.machine import Disk, Machine, running
from tests.lab.oemdrv import answers_volume
from tests.lab.phases import Phases


@pytest.mark.full
def test_power_cut_while_copying_over_an_old_mirror(
    iso: Path, mirrored: Installed, folder: Path
) -> None:
    # The disk carries half of two MD arrays and a volume group of the name that is wanted again.
    old = mirrored.overlays(folder)[0]
    kickstart = render("one-disk", disk=f"/dev/disk/by-id/virtio-{old.serial}")
    answers = Disk(answers_volume(folder, kickstart), serial="answers", format="raw")
    machine = Machine("second-run", disks=(old, answers))
    with_medium = replace(machine, cdrom=iso, direct_boot=live_boot(iso), extra=("-no-reboot",))
    with running(with_medium, folder / "first-run") as run:
        run.console.wait_for_screen("Copying the system", BOOT_SECONDS + INSTALL_SECONDS)
        run.console.wait_for_screen(r"MiB of 1\.\d+ GiB", INSTALL_SECONDS)
        run.power_cut()
    with running(with_medium, folder / "second-run") as run:
        watch_installation(run.console, Phases())
    with running(machine.with_disks(old), folder / "host") as run:
        run.console.wait_for_screen(STATUS_SCREEN, BOOT_SECONDS)
