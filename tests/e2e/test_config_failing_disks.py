"""Disks of an installed host that fill up, vanish and fail: told with what to do, nothing lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab.config_keys import (
    apply_staged,
    apply_what_is_shown,
    ask_to_log_in,
    go_to,
    push,
    stage,
    wait_for_words,
)
from tests.lab.console import SerialConsole
from tests.lab.host_shell import HostShell
from tests.lab.host_verbs import PATIENCE, answer, change, health, refused, wait_until
from tests.lab.installation import BootedHost, Installed, booted
from tests.lab.kickstarts import ROOT_PASSWORD
from tests.lab.machine import create_disk

pytestmark = pytest.mark.full

SERIAL = "pulled"
DATA = "/srv/bay"


def drive_bay(disk: Path) -> tuple[str, ...]:
    """A SCSI adapter whose one disk can be pulled and put back while the machine runs."""
    image = f"driver=qcow2,node-name=image,file.driver=file,file.filename={disk}"
    drive = f"scsi-hd,bus=bay.0,drive=image,id={SERIAL},serial={SERIAL}"
    return ("-device", "virtio-scsi-pci,id=bay,addr=0x11", "-blockdev", image, "-device", drive)


def test_disks_that_fill_up_vanish_and_fail(one_disk: Installed, folder: Path) -> None:
    bay = drive_bay(create_disk(folder / "bay.qcow2", 1).path)
    with_bay = replace(one_disk, machine=replace(one_disk.machine, extra=bay))
    with booted(with_bay, folder) as host:
        console, shell = host.console, host.shell
        shell.wait_until_ready(PATIENCE)
        disks = answer(shell, "disks show")
        (stable,) = [disk["stable"] for disk in disks if disk["serial"] == SERIAL]
        change(shell, f"volumes create-group bay {stable}")
        change(shell, f"volumes create bay data --size '600 MiB' --filesystem xfs --path {DATA}")
        shell.run(f"echo kept > {DATA}/note && sync {DATA}/note")

        _a_full_volume_is_told(shell)
        _a_pulled_disk_is_told_and_comes_back(host)
        _a_full_system_loses_nothing_that_was_typed(console, shell)
        _a_read_only_system_is_told(shell)


def _a_full_volume_is_told(shell: HostShell) -> None:
    shell.run(f"dd if=/dev/zero of={DATA}/fill bs=1M 2>/dev/null || true", PATIENCE)
    full = health(shell, "Mounts")
    assert full["state"] == "failed" and "of its space left" in full["reason"]
    assert full["remedy"]
    shell.run(f"rm {DATA}/fill")
    assert health(shell, "Mounts")["state"] == "ok"


def _a_pulled_disk_is_told_and_comes_back(host: BootedHost) -> None:
    shell = host.shell
    host.machine.ask("device_del", id=SERIAL)
    shell.run(f"until ! lsblk -n -o SERIAL | grep -qx {SERIAL}; do sleep 1; done", PATIENCE)
    shell.run(f"touch {DATA}/after 2>/dev/null; sync; true")
    wait_until(shell, "status", "bay is not there: its disks are away")
    gone = health(shell, "Mounts")
    assert gone["state"] == "failed" and "does not answer" in gone["reason"], gone
    assert gone["remedy"]
    before = answer(shell, "export")
    said = refused(shell, "volumes create bay more --size '64 MiB' --yes")
    assert "is not there" in said, said
    assert answer(shell, "export") == before

    drive = {"driver": "scsi-hd", "bus": "bay.0", "drive": "image", "id": SERIAL}
    host.machine.ask("device_add", **drive, serial=SERIAL)
    wait_until(shell, "disks show", SERIAL)
    back = health(shell, "Volume groups")
    assert back["state"] == "failed" and "came back" in back["reason"], back
    change(shell, "apply")
    assert health(shell, "Volume groups")["state"] == "ok"
    assert shell.run(f"cat {DATA}/note") == "kept"
    # A host that is busy may not get its answer in time once.
    wait_until(shell, "status", "ok +Mounts: .* in place")


def _a_full_system_loses_nothing_that_was_typed(console: SerialConsole, shell: HostShell) -> None:
    shell.run("fallocate -l $(df --output=avail -B1 /var | tail -1) /var/fill || true")
    shell.run("dd if=/dev/zero of=/var/rest bs=4k 2>/dev/null || true", PATIENCE)
    ask_to_log_in(console, ROOT_PASSWORD)
    console.wait_for_screen("Logged in as root", PATIENCE)
    go_to(console, "Network", "DNS")
    console.wait_for_screen("Host name", PATIENCE)
    console.press("end")
    console.type("x")
    console.press("tab", "tab")
    stage(console)
    apply_staged(console)
    console.wait_for_screen("This did not work", PATIENCE)
    wait_for_words(console, "no space left", "Remove what is not needed", "still staged")
    assert "no space left" in refused(shell, "set identity.hostname=other.flexvdi.test --yes")
    assert shell.run("hostname") == "one.flexvdi.test"

    shell.run("rm -f /var/fill /var/rest")
    push(console, "Back to the changes")
    apply_what_is_shown(console)
    console.wait_for_screen("The changes are applied", PATIENCE)
    assert shell.run("hostname") == "one.flexvdi.testx"


def _a_read_only_system_is_told(shell: HostShell) -> None:
    shell.run("sync && echo u > /proc/sysrq-trigger")
    said = refused(shell, "set identity.hostname=other.flexvdi.test --yes")
    assert "read-only" in said and "dmesg" in said, said
    assert len(said.splitlines()) < 6, "no traceback"
    assert health(shell, "Filesystems")["state"] == "failed"
    assert shell.run("hostname") == "one.flexvdi.testx"
