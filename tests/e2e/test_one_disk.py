"""A host installed unattended from CD in BIOS mode: what came of it, seen from inside."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.lab.installation import BOOT_SECONDS, Installed, booted
from tests.lab.kickstarts import ROOT_PASSWORD


def test_the_installed_host_is_what_the_kickstart_said(one_disk: Installed, folder: Path) -> None:
    with booted(one_disk, folder) as host:
        # What a person sees before anybody logged in.
        host.console.wait_for_screen(r"one\.flexvdi\.test", 300)
        host.console.wait_for_screen(r"10\.0\.2\.15", 300)
        host.shell.wait_until_ready(BOOT_SECONDS)

        assert host.shell.run("hostname") == "one.flexvdi.test"
        assert (
            host.shell.run("systemctl is-system-running --wait || true", BOOT_SECONDS) == "running"
        ), host.shell.run("systemctl --failed --no-legend; systemctl list-jobs --no-legend")
        mounts = json.loads(host.shell.run("findmnt --json --real --list --output target,fstype"))
        filesystems = {entry["target"]: entry["fstype"] for entry in mounts["filesystems"]}
        assert filesystems["/"] == "ext4"
        assert filesystems["/boot/efi"] == "vfat"
        assert {"/boot", "/var", "/var/lib/flexvdi/images"} <= filesystems.keys()

        # Nothing that lasts names a disk by the order in which the kernel found it.
        lasting = host.shell.run("cat /etc/fstab /boot/grub*/grub.cfg /proc/cmdline")
        assert not re.search(r"/dev/[svh]d[a-z]|/dev/nvme", lasting)
        # The consoles that the medium's kernel line named are the installed host's too.
        assert "console=ttyS0" in host.shell.run("cat /proc/cmdline")
        # Room for the other root slot stays free in the group, as much as slot A has.
        free = host.shell.run("vgs --noheadings --units m --nosuffix -o vg_free")
        assert float(free) >= 5120

        document = host.shell.run("stat -c %a /etc/flexvdi/host.yaml; cat /etc/flexvdi/host.yaml")
        assert document.startswith("600\n")
        assert "one.flexvdi.test" in document
        report = json.loads(host.shell.run("cat /var/log/flexvdi/install/report.json"))
        assert report["result"] == "finished"
        # The hash went where it belongs, the password nowhere at all.
        assert host.shell.run(f"grep -rlF '{ROOT_PASSWORD}' /etc /var/log /root || true") == ""
        assert host.shell.run("grep -c '^root:\\$' /etc/shadow") == "1"

        # The running host and its document agree, and a second look changes nothing.
        status = json.loads(host.shell.run("flexvdi-config status --json"))
        assert status["identity"]["hostname"] == "one.flexvdi.test"
        plan = json.loads(host.shell.run("flexvdi-config plan --json"))
        assert plan["changes"] == []
