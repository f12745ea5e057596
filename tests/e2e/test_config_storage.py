"""Storage of an installed host, with everything real: iSCSI over two paths, NFS, disks that fail.

The target and the NFS server run on the machine that runs the lab. A host reaches it on each of
its networks by another address, so that one daemon has two portals with a cable each.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab.config_keys import apply_staged, ask_to_log_in, go_to, push, stage, wait_for_words
from tests.lab.console import SerialConsole
from tests.lab.host_shell import HostShell
from tests.lab.host_verbs import PATIENCE, answer, change, health, refused, wait_until
from tests.lab.installation import BOOT_SECONDS, STATUS_SCREEN, BootedHost, Installed, booted
from tests.lab.iscsi_target import TARGET, Login, TargetServer, target_server
from tests.lab.kickstarts import ROOT_PASSWORD
from tests.lab.nfs_server import missing_for_nfs, nfs_server, port_mapper

pytestmark = pytest.mark.full

HOST = Login("host3", "planted-secret1")
ARRAY = Login("array", "planted-secret2")
WRONG = "planted-secret3"
LAB_ADDRESS, SECOND_ADDRESS = "10.0.2.2", "10.0.5.1"
SECOND_PORT = (
    "-netdev",
    f"user,id=second,net=10.0.5.0/24,host={SECOND_ADDRESS}",
    "-device",
    "virtio-net-pci,netdev=second,id=cable,mac=52:54:00:00:05:01,romfile=,addr=0x10",
)
FIRST_NAME, SECOND_NAME = "enp0s4", "enp0s16"
INTERFACES = (
    "["
    + ", ".join(
        f"{{kind: ethernet, name: {name}, ipv4: {{method: auto, default_route: {default}}}}}"
        for name, default in ((FIRST_NAME, "true"), (SECOND_NAME, "false"))
    )
    + "]"
)
IMAGES = "/srv/images"
ON_LUN = "/srv/lun"


def test_iscsi_over_two_paths_and_nfs(one_disk: Installed, folder: Path) -> None:
    if reason := missing_for_nfs():
        pytest.skip(reason)
    two_ports = replace(one_disk, machine=replace(one_disk.machine, extra=SECOND_PORT))
    with (
        target_server(folder / "target") as target,
        port_mapper(),
        booted(two_ports, folder) as host,
    ):
        target.let_in(HOST, ARRAY)
        console, shell = host.console, host.shell
        shell.wait_until_ready(PATIENCE)
        change(shell, f"set 'network.interfaces={INTERFACES}' --confirm-timeout 600")
        shell.run("flexvdi-config confirm", PATIENCE)
        console.wait_for_screen("The change is kept", PATIENCE)
        console.press("enter")
        shell.run(f"until ip -4 -o address show {SECOND_NAME} | grep -qF 10.0.5.; do sleep 1; done")
        change(shell, "multipath enable")

        _portals_that_do_not_answer_are_told(shell, target)
        _a_target_is_added_by_keys(console, target)
        wwid = _two_portals_are_one_device(shell)
        change(shell, f"multipath alias {wwid} lun")
        change(shell, "volumes create-group san /dev/mapper/lun")
        change(shell, f"volumes create san lun --filesystem xfs --path {ON_LUN}")
        _a_path_breaks_and_comes_back(host)

        with nfs_server(folder / "nfs", 2049) as exported:
            _an_export_is_mounted(shell)
            _reboot(console, shell)
            _everything_is_back(shell)
            assert (exported / "from-the-host").read_text() == "written by the host"
        _a_server_that_is_away_is_told_and_delays_no_boot(console, shell)
        with nfs_server(folder / "nfs", 2049, export="/elsewhere"):
            assert "no longer exports" in refused(shell, "mounts mount images")
        with nfs_server(folder / "nfs", 2049):
            shell.run("flexvdi-config mounts mount images", PATIENCE)
            assert shell.run(f"cat {IMAGES}/from-the-host") == "written by the host"
        _no_secret_is_anywhere(console, shell)


def _portals_that_do_not_answer_are_told(shell: HostShell, target: TargetServer) -> None:
    assert "refuses connections to port 9" in refused(shell, f"iscsi discover {LAB_ADDRESS}:9")
    said = refused(shell, f"iscsi discover 10.0.5.77:{target.port}")
    assert "cannot be reached" in said or "does not answer" in said
    assert TARGET in shell.run(f"flexvdi-config iscsi discover {LAB_ADDRESS}:{target.port}")


def _a_target_is_added_by_keys(console: SerialConsole, target: TargetServer) -> None:
    """First with a wrong secret: the screen says so, and keeps everything else that was typed."""
    ask_to_log_in(console, ROOT_PASSWORD)
    console.wait_for_screen("Logged in as root", PATIENCE)
    go_to(console, "Storage", "iSCSI")
    push(console, "Add")
    console.wait_for_screen("New target", PATIENCE)
    portals = f"{LAB_ADDRESS}:{target.port}, {SECOND_ADDRESS}:{target.port}"
    for text in (TARGET, portals):
        console.type(text)
        console.press("tab")
    console.press("right", "right")
    console.wait_for_screen("both prove themselves", PATIENCE)
    for text in (HOST.user, WRONG, ARRAY.user, ARRAY.secret):
        console.press("tab")
        console.type(text)
    stage(console)
    apply_staged(console)
    console.wait_for_screen("This did not work", PATIENCE)
    wait_for_words(
        console, "refuses the user name or secret (CHAP)", "your changes are still staged"
    )

    push(console, "Back to the changes")
    console.wait_for_screen("Changes not applied yet", PATIENCE)
    console.press("escape")
    console.wait_for_screen("> Changes", PATIENCE)
    go_to(console, "Storage", "iSCSI")
    console.wait_until(lambda: console.is_marked(TARGET), PATIENCE, "the focus on the target")
    console.press("enter")
    console.wait_for_screen("both prove themselves", PATIENCE)
    console.press("tab", "tab", "tab", "tab")
    console.type(HOST.secret)
    console.press("tab", "tab")
    stage(console)
    apply_staged(console)
    console.wait_for_screen("The changes are applied", PATIENCE)


def _two_portals_are_one_device(shell: HostShell) -> str:
    sessions = answer(shell, "iscsi show")["sessions"]
    assert [session["target"] for session in sessions] == [TARGET, TARGET]
    wait_until(shell, "multipath show", "2 of 2 paths")
    (device,) = answer(shell, "multipath show")
    assert len(device["paths"]) == 2
    return str(device["wwid"])


def _a_path_breaks_and_comes_back(host: BootedHost) -> None:
    shell = host.shell
    assert health(shell, "Multipath")["state"] == "ok"
    host.machine.ask("set_link", name="cable", up=False)
    wait_until(shell, "multipath show", "1 of 2 paths")
    broken = health(shell, "Multipath")
    assert broken["state"] == "warning" and "1 of 2 paths" in broken["reason"]
    assert "cables" in broken["remedy"]
    wait_until(shell, "status --json", f"No session to {TARGET} through {SECOND_ADDRESS}")
    # Nothing stops for those who use the device.
    shell.run(f"echo 'written over one path' > {ON_LUN}/note && sync {ON_LUN}/note", PATIENCE)
    host.machine.ask("set_link", name="cable", up=True)
    wait_until(shell, "multipath show", "2 of 2 paths")
    wait_until(shell, "status --json", "Targets: 1, logged in by all portals")
    assert health(shell, "Multipath")["state"] == "ok"


def _an_export_is_mounted(shell: HostShell) -> None:
    # The port mapper names addresses of its own machine, which nobody reaches from behind NAT.
    said = refused(shell, f"nfs exports {LAB_ADDRESS}")
    assert "does not list its exports" in said and "Ask who runs it" in said
    assert "can be written to" in shell.run(
        f"flexvdi-config mounts test {LAB_ADDRESS}:/images", PATIENCE
    )
    place = f"images {IMAGES} {LAB_ADDRESS}:/images --purpose image-storage"
    change(shell, f"mounts add-nfs {place}")
    shell.run(f"printf 'written by the host' > {IMAGES}/from-the-host", PATIENCE)


def _everything_is_back(shell: HostShell) -> None:
    wait_until(shell, "mounts show", "images .* mounted")
    wait_until(shell, "multipath show", "2 of 2 paths")
    assert shell.run(f"cat {IMAGES}/from-the-host", PATIENCE) == "written by the host"
    shell.run(f"until findmnt {ON_LUN}; do sleep 1; done", PATIENCE)
    assert shell.run(f"cat {ON_LUN}/note") == "written over one path"
    assert "images" in shell.run("virsh pool-list --name", PATIENCE)
    assert answer(shell, "plan")["changes"] == []


def _a_server_that_is_away_is_told_and_delays_no_boot(
    console: SerialConsole, shell: HostShell
) -> None:
    wait_until(shell, "mounts show", "does not answer")
    _reboot(console, shell)
    wait_until(shell, "mounts show", "does not answer")
    images = health(shell, "Mounts")
    assert images["state"] == "failed" and "mounts mount images" in images["remedy"]


def _no_secret_is_anywhere(console: SerialConsole, shell: HostShell) -> None:
    for secret in (HOST.secret, ARRAY.secret, WRONG):
        assert secret not in console.transcript
        assert shell.run(f"journalctl --grep '{secret}' --quiet || true", PATIENCE) == ""


def _reboot(console: SerialConsole, shell: HostShell) -> None:
    place = console.mark()
    shell.run("systemd-run --quiet --on-active=1 flexvdi-config power reboot --yes", PATIENCE)
    console.wait_for("Starting slot", BOOT_SECONDS, since=place)
    console.wait_for_screen(STATUS_SCREEN, BOOT_SECONDS)
    shell.wait_until_ready(PATIENCE)
