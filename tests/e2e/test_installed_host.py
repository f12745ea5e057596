"""A host installed unattended from CD in BIOS mode: what came of it, and what changes it.

What came of the kickstart is seen from inside; the rest is typed on the serial line: log in, change
the network, password, maintenance, reboot, support bundle, power off. A machine goes through many
of these, because each start takes minutes under emulation. Bonds and VLANs need modules that only
the host's own kernel is sure to have.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.lab.config_keys import ask_to_log_in, open_shell
from tests.lab.console import SerialConsole
from tests.lab.host_shell import HostShell
from tests.lab.installation import BOOT_SECONDS, STATUS_SCREEN, Installed, booted
from tests.lab.kickstarts import ROOT_PASSWORD

# As the kernel names the ports of the machine, by their places on its PCI bus.
OUTSIDE, BONDED = "enp0s4", ("enp0s5", "enp0s6")
ADDRESS = "192.0.2.10/24"
NEW_PASSWORD = "Quiet-Harbour-27"
_OFF = "ipv4: {method: disabled}, ipv6: {method: disabled}"
# The lab reaches the host by the first port, so it stays as it is.
INTERFACES = (
    f"[{{kind: ethernet, name: {OUTSIDE}, ipv4: {{method: auto, default_route: false}}}}, "
    f"{{kind: bond, name: bond0, ports: [{', '.join(BONDED)}], {_OFF}}}, "
    f"{{kind: vlan, name: bond0.42, parent: bond0, id: 42, {_OFF}}}, "
    f"{{kind: bridge, name: br0, ports: [bond0.42], ipv6: {{method: disabled}}, "
    f"ipv4: {{method: manual, addresses: [{ADDRESS}], gateway: 192.0.2.1}}}}]"
)
ELSEWHERE = "{method: manual, addresses: [198.51.100.7/24]}"
BOOT_LOADER = "Starting slot"
PATIENCE = 600.0


def test_from_the_first_screen_until_it_is_switched_off(one_disk: Installed, folder: Path) -> None:
    with booted(_with_three_ports(one_disk), folder) as host:
        console, shell = host.console, host.shell
        # What a person sees before anybody logged in.
        console.wait_for_screen(r"one\.flexvdi\.test", PATIENCE)
        console.wait_for_screen(r"10\.0\.2\.15", PATIENCE)
        # The screen in front of the machine shows the same, as a picture of the VGA console.
        assert host.machine.screenshot(folder / "console.png").stat().st_size > 1000

        shell.wait_until_ready(BOOT_SECONDS)
        _is_what_the_kickstart_said(shell)
        _the_second_password_opens_a_shell(console)
        _a_bridge_on_a_vlan_on_a_bond_is_confirmed(console, shell)
        assert ROOT_PASSWORD not in console.transcript
        _is_switched_off_by_keys(console)


@pytest.mark.full
def test_what_is_changed_lasts(one_disk: Installed, folder: Path) -> None:
    with booted(_with_three_ports(one_disk), folder) as host:
        console, shell = host.console, host.shell
        _shell_by_keys(console, ROOT_PASSWORD)
        _a_bridge_on_a_vlan_on_a_bond_is_confirmed(console, shell)
        _what_cuts_the_connection_goes_back(console, shell)
        _the_password_changes(console)
        console.command("flexvdi-config maintenance enter 'a new fan'", PATIENCE)

        place = console.mark()
        console.type("flexvdi-config power reboot --yes\r")
        console.wait_for(BOOT_LOADER, BOOT_SECONDS, since=place)
        console.wait_for_screen(STATUS_SCREEN, BOOT_SECONDS)
        console.wait_for_screen("192.0.2.10", PATIENCE)
        _shell_by_keys(console, NEW_PASSWORD)
        _is_bridge_on_vlan_on_bond(_links(shell))
        assert _said(console, "plan --json")["changes"] == []
        assert _said(console, "maintenance show --json")["reason"] == "a new fan"
        console.command("flexvdi-config maintenance leave", PATIENCE)
        _the_bundle_holds_no_secret(console, shell)
        for secret in (ROOT_PASSWORD, NEW_PASSWORD):
            assert secret not in console.transcript
            assert shell.run(f"journalctl --grep '{secret}' --quiet || true", PATIENCE) == ""


def _with_three_ports(installed: Installed) -> Installed:
    return replace(installed, machine=replace(installed.machine, networks=3))


def _is_what_the_kickstart_said(shell: HostShell) -> None:
    assert shell.run("hostname") == "one.flexvdi.test"
    assert shell.run("systemctl is-system-running --wait || true", BOOT_SECONDS) == "running", (
        shell.run("systemctl --failed --no-legend; systemctl list-jobs --no-legend")
    )
    mounts = json.loads(shell.run("findmnt --json --real --list --output target,fstype"))
    filesystems = {entry["target"]: entry["fstype"] for entry in mounts["filesystems"]}
    assert filesystems["/"] == "ext4"
    assert filesystems["/boot/efi"] == "vfat"
    assert {"/boot", "/var", "/var/lib/flexvdi/images"} <= filesystems.keys()

    # Nothing that lasts names a disk by the order in which the kernel found it.
    lasting = shell.run("cat /etc/fstab /boot/grub*/grub.cfg /proc/cmdline")
    assert not re.search(r"/dev/[svh]d[a-z]|/dev/nvme", lasting)
    # The consoles that the medium's kernel line named are the installed host's too.
    assert "console=ttyS0" in shell.run("cat /proc/cmdline")
    # Room for the other root slot stays free in the group, as much as slot A has.
    free = shell.run("vgs --noheadings --units m --nosuffix -o vg_free")
    assert float(free) >= 5120

    document = shell.run("stat -c %a /etc/flexvdi/host.yaml; cat /etc/flexvdi/host.yaml")
    assert document.startswith("600\n")
    assert "one.flexvdi.test" in document
    report = json.loads(shell.run("cat /var/log/flexvdi/install/report.json"))
    assert report["result"] == "finished"
    # The hash went where it belongs, the password nowhere at all.
    assert shell.run(f"grep -rlF '{ROOT_PASSWORD}' /etc /var/log /root || true") == ""
    assert shell.run("grep -c '^root:\\$' /etc/shadow") == "1"

    # The running host and its document agree, and a second look changes nothing.
    status = json.loads(shell.run("flexvdi-config status --json"))
    assert status["identity"]["hostname"] == "one.flexvdi.test"
    plan = json.loads(shell.run("flexvdi-config plan --json"))
    assert plan["changes"] == []


def _the_second_password_opens_a_shell(console: SerialConsole) -> None:
    ask_to_log_in(console, "not the password")
    console.wait_for_screen("not right", PATIENCE)
    console.type(ROOT_PASSWORD)
    console.press("enter")
    console.wait_for_screen("Logged in as root", PATIENCE)
    open_shell(console)
    assert console.command("id -un", PATIENCE).endswith("root")


def _shell_by_keys(console: SerialConsole, password: str) -> None:
    ask_to_log_in(console, password)
    console.wait_for_screen("Logged in as root", PATIENCE)
    open_shell(console)


def _a_bridge_on_a_vlan_on_a_bond_is_confirmed(console: SerialConsole, shell: HostShell) -> None:
    said = _change(console, f"network.interfaces={INTERFACES}", timeout=600)
    assert "is unconfirmed" in said
    pending = _said(console, "pending --json")
    assert pending["guarded"] and 0 < pending["seconds_left"] <= 600
    # Only tried out: nothing of it would be there after a power cut.
    assert "br0" not in console.command("ls /etc/NetworkManager/system-connections", PATIENCE)
    console.command("flexvdi-config confirm", PATIENCE)
    assert _said(console, "pending --json") is None
    shell.wait_until_ready(PATIENCE)
    _is_bridge_on_vlan_on_bond(_links(shell))
    assert "default via 192.0.2.1 dev br0" in shell.run("ip route")
    assert "confirm" in shell.run("journalctl --output=json FLEXVDI_ACTION=confirm", PATIENCE)


def _what_cuts_the_connection_goes_back(console: SerialConsole, shell: HostShell) -> None:
    place = f"network.interfaces[{OUTSIDE}].ipv4={ELSEWHERE}"
    addresses = f"ip -4 -oneline address show {OUTSIDE}"
    _change(console, place, timeout=120)
    assert "198.51.100.7" in console.command(addresses, PATIENCE)
    # Nobody confirms; the shell there can only be reached again when everything is back.
    console.command(f"until {addresses} | grep -qF 10.0.2.15; do sleep 1; done", PATIENCE)
    console.command(
        "until flexvdi-config job list | head -n 1 | grep -q 'rolled back'; do sleep 1; done",
        PATIENCE,
    )
    shell.wait_until_ready(PATIENCE)
    assert "198.51.100.7" not in shell.run(addresses)
    _is_bridge_on_vlan_on_bond(_links(shell))
    assert _said(console, "pending --json") is None
    assert _said(console, "plan --json")["changes"] == []


def _the_password_changes(console: SerialConsole) -> None:
    place = console.mark()
    console.type("flexvdi-config password set root\r")
    console.wait_for("New password of root: ", PATIENCE, since=place)
    console.type(f"{NEW_PASSWORD}\r")
    console.wait_for("Once more: ", PATIENCE, since=place)
    console.type(f"{NEW_PASSWORD}\r")
    console.wait_for("Job .* is done", PATIENCE, since=place)


def _the_bundle_holds_no_secret(console: SerialConsole, shell: HostShell) -> None:
    bundle = _said(console, "support bundle --json")["place"]
    names = shell.run(f"tar -tzf {bundle}", PATIENCE)
    assert "network/" in names and "jobs" in names
    hashed = shell.run("grep '^root:' /etc/shadow | cut -d: -f2")
    for secret in (NEW_PASSWORD, hashed):
        assert shell.run(f"tar -xOzf {bundle} | grep -acF -- '{secret}' || true", PATIENCE) == "0"


def _change(console: SerialConsole, place: str, timeout: int) -> str:
    verb = f"flexvdi-config set '{place}' --yes --confirm-timeout {timeout}"
    return console.command(verb, PATIENCE)


def _said(console: SerialConsole, verb: str) -> Any:
    """What a command says in JSON; progress goes elsewhere."""
    return json.loads(console.command(f"flexvdi-config {verb} 2>/dev/null", PATIENCE))


def _links(shell: HostShell) -> dict[str, Any]:
    found = json.loads(shell.run("ip -details -json address", PATIENCE))
    return {link["ifname"]: link for link in found}


def _is_bridge_on_vlan_on_bond(links: dict[str, Any]) -> None:
    held = [f"{one['local']}/{one['prefixlen']}" for one in links["br0"]["addr_info"]]
    assert ADDRESS in held, held
    vlan = links["bond0.42"]
    assert vlan["master"] == "br0"
    assert vlan["link"] == "bond0"
    assert vlan["linkinfo"]["info_data"]["id"] == 42
    assert {links[port]["master"] for port in BONDED} == {"bond0"}


def _is_switched_off_by_keys(console: SerialConsole) -> None:
    place = console.mark()
    console.type("exit\r")
    # What is typed while the screen comes back is thrown away, so its last line is awaited.
    console.wait_for("F3 Redraw", PATIENCE, since=place)
    console.press("escape")
    console.wait_until_gone("> Shell", PATIENCE)
    console.press("end", "up")
    console.wait_for_screen("> Power", PATIENCE)
    console.press("enter")
    console.wait_for_screen(r"\[ Power off \]", PATIENCE)
    console.press("right", "enter")
    console.wait_for_screen(r"Power off\?", PATIENCE)
    console.press("tab", "tab", "enter")  # over Cancel
    console.wait_for_end(PATIENCE)
