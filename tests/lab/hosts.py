"""The installed hosts that end-to-end tests and the bench start from; installed once, reused."""

from __future__ import annotations

from pathlib import Path

from tests.lab.installation import Installed, install_once
from tests.lab.kickstarts import render


def one_disk_host(iso: Path) -> Installed:
    """On one disk, installed in BIOS mode from CD with the least memory promised."""
    kickstart = render("one-disk", disk="vda", hostname="one.flexvdi.test")
    return install_once("one-disk", iso, kickstart, memory=1536)


def mirrored_host(iso: Path) -> Installed:
    """On two mirrored disks, installed from a USB stick with Secure Boot enforced."""
    kickstart = render(
        "mirrored-disks", disk="vda", second_disk="vdb", hostname="mirror.flexvdi.test"
    )
    return install_once("mirrored", iso, kickstart, firmware="secure-boot", disks=2, usb=True)
