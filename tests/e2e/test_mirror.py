"""Two mirrored disks under Secure Boot: together, and each of them alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.installation import BOOT_SECONDS, Installed, booted

pytestmark = pytest.mark.full


def test_both_disks_boot_under_secure_boot(mirrored: Installed, folder: Path) -> None:
    with booted(mirrored, folder) as host:
        host.shell.wait_until_ready(BOOT_SECONDS)
        assert "enabled" in host.shell.run("mokutil --sb-state")
        arrays = host.shell.run("cat /proc/mdstat")
        assert arrays.count("active raid1") == 2, arrays
        # Both disks carry their own way to boot, and the firmware knows both.
        esps = host.shell.run("lsblk --noheadings --list --output PARTTYPENAME | grep -c EFI")
        assert esps == "2"
        assert host.shell.run("efibootmgr").count("flexVDI") == 2


@pytest.mark.parametrize("alone", [0, 1])
def test_either_disk_boots_alone(mirrored: Installed, folder: Path, alone: int) -> None:
    disks = mirrored.overlays(folder)
    with booted(mirrored, folder, disks=(disks[alone],)) as host:
        host.shell.wait_until_ready(BOOT_SECONDS)
        arrays = host.shell.run("cat /proc/mdstat")
        assert arrays.count("[2/1]") == 2, arrays
        # A lost half is something the status has to say.
        assert "mirror" in host.shell.run("flexvdi-config status").lower()
