"""The production path without CentOS: RPM packages laid out as on EL, by dnf to an installed host.

The distribution is the tests' own (``tests/lab/el_proof.py``); everything after it is what builds
and installs CentOS Stream.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foundation.manifest import read_manifest
from tests.lab.el_proof import build_medium
from tests.lab.installation import BOOT_SECONDS, Installed, booted, install_once
from tests.lab.kickstarts import render
from tests.lab.machine import Firmware

pytestmark = pytest.mark.full

# Files of the image, of the installer's steps and of its last words, and their labels.
LABELS = {
    "/etc/passwd": "etc_t",
    "/usr/bin/bash": "bin_t",
    "/usr/lib/flexvdi/release.json": "usr_t",
    "/etc/fstab": "etc_t",
    "/etc/shadow": "shadow_t",
    "/etc/flexvdi/host.yaml": "etc_t",
    "/etc/ssh/ssh_host_ed25519_key": "sshd_key_t",
    "/root/.ssh/authorized_keys": "admin_home_t",
    "/boot/grub2/grub.cfg": "boot_t",
    "/var/log/flexvdi/install/report.json": "var_log_t",
}


@pytest.fixture(scope="session")
def el_iso() -> Path:
    """The medium of the tests' own distribution, built now unless it is up to date."""
    return build_medium()


def installed(iso: Path, firmware: Firmware, *, usb: bool) -> Installed:
    kickstart = render("one-disk", disk="vda", hostname="el.flexvdi.test")
    return install_once(f"el-{firmware}", iso, kickstart, firmware=firmware, usb=usb)


def test_the_manifest_tells_what_the_image_can_do(el_iso: Path) -> None:
    manifest = read_manifest(el_iso.with_name(f"{el_iso.stem}-netboot") / "manifest.json")
    assert manifest.base == "el-proof"
    assert manifest.displays == ("spice", "vnc")
    assert manifest.packages["kernel-core"] == "0:6.12.0-1.el10.x86_64"


def test_a_host_installed_in_bios_mode(el_iso: Path, folder: Path) -> None:
    with booted(installed(el_iso, "bios", usb=False), folder) as host:
        host.console.wait_for_screen(r"el\.flexvdi\.test", 300)
        host.shell.wait_until_ready(BOOT_SECONDS)
        assert (
            host.shell.run("systemctl is-system-running --wait || true", BOOT_SECONDS) == "running"
        ), host.shell.run("systemctl --failed --no-legend; systemctl list-jobs --no-legend")
        # It still tells its distribution, and is laid out like it.
        release = host.shell.run("cat /etc/os-release")
        assert 'ID="centos"' in release
        assert "flexVDI host" in release
        assert (
            host.shell.run("systemctl is-active sshd chronyd NetworkManager").split()
            == ["active"] * 3
        )
        assert host.shell.run("ls /usr/lib/sysimage/rpm/rpmdb.sqlite /boot/grub2/grub.cfg")
        assert "flexvdi.sources" in host.shell.run("ls /etc/chrony.d")

        # Labels are right after the first boot, and nothing asked for a relabel.
        script = "import os,sys; print(*(os.getxattr(p, 'security.selinux') for p in sys.argv[1:]))"
        found = host.shell.run(f'python3 -c "{script}" {" ".join(LABELS)}')
        for path, kind in LABELS.items():
            assert f":{kind}:" in found, f"{path}: {found}"
        assert host.shell.run("ls -a /").split().count(".autorelabel") == 0

        plan = json.loads(host.shell.run("flexvdi-config plan --json"))
        assert plan["changes"] == []


def test_a_host_installed_under_secure_boot(el_iso: Path, folder: Path) -> None:
    with booted(installed(el_iso, "secure-boot", usb=True), folder) as host:
        host.shell.wait_until_ready(BOOT_SECONDS)
        assert "enabled" in host.shell.run("mokutil --sb-state")
        assert host.shell.run("ls /boot/efi/EFI/debian/grub.cfg")
