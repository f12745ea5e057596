"""A site without IPv4: the host comes over the network, joins its Manager, and is in order."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from foundation.secret import Secret
from tests.lab.host_shell import HostShell
from tests.lab.host_verbs import PATIENCE, answer, health, wait_until
from tests.lab.installation import BOOT_SECONDS, DISK_GIB, watch_installation
from tests.lab.kickstarts import render
from tests.lab.machine import Machine, create_disk, running
from tests.lab.manager_machine import ManagerMachine
from tests.lab.netboot import network_boot, served_set
from tests.lab.phases import Phases
from tests.lab.serving import serving
from tests.lab.switch import PORT, Switch, mac_of, switch

pytestmark = pytest.mark.full

PASSWORD = Secret("planted-horse battery of a test")
MANAGER, HOST, FREE = "fd00:77::10", "fd00:77::11", "fd00:77::50"
NAME = "six.flexvdi.test"
BRIDGE = "br-lan"
# The port that the live system comes through; the host has an announced address there.
FIRST_PORT = "enp0s4"


def test_a_site_with_ipv6_alone(folder: Path) -> None:
    place = f"{MANAGER}/64"
    with switch() as lan, ManagerMachine(folder, lan.cable(10), mac_of(10), place, PASSWORD) as own:
        own.switch_on()
        machine = _installed(lan, own.join_string("the host"), folder / "host")
        with running(machine, folder / "host") as run:
            run.console.wait_for_screen(rf"Address +{HOST} ", BOOT_SECONDS)
            with own.shell.beyond(HOST) as shell:
                shell.wait_until_ready(PATIENCE)
                _has_no_ipv4(shell)
                wait_until(shell, "manager membership", "Agent: connected")
                own.wait_for_state(NAME, "running")
                assert own.host(NAME)["address"] == HOST
                _is_in_order(shell)
                _who_holds_an_address_is_seen(shell)


def _installed(lan: Switch, join: Secret, folder: Path) -> Machine:
    """A host that got everything by IPv6: the live system, its answers, and where it reported."""
    disk = create_disk(folder / "disk.qcow2", DISK_GIB, serial="six")
    machine = Machine("six", memory=3072, disks=(disk,), ipv6_only=True, extra=lan.cable(11))
    kickstart = render(
        "one-disk", disk="vda", hostname=NAME, network_device=PORT, address=f"{HOST}/64"
    ).replace(f"--device={PORT}", f"--device={BRIDGE} --bridgeslaves={PORT}")
    kickstart += f"network --device={FIRST_PORT} --noipv4 --ipv6=auto --nodefroute\n"
    kickstart += f"%addon com_flexvdi\njoin: {join.reveal()}\n%end\n"
    with serving(served_set(folder, kickstart), ipv6=True) as server:
        arguments = f"inst.ks={server.url}/ks.cfg inst.report={server.url}/report"
        installing = replace(
            machine,
            direct_boot=network_boot(server.url, arguments),
            extra=(*machine.extra, "-no-reboot"),
        )
        with running(installing, folder / "installing") as run:
            watch_installation(run.console, Phases())
        assert any(json.loads(post)["result"] == "finished" for post in server.posts)
    return machine


def _has_no_ipv4(shell: HostShell) -> None:
    links = json.loads(shell.run("ip -json -4 address show scope global"))
    assert [link for link in links if link.get("addr_info")] == []
    assert shell.run("ip -4 route") == ""


def _is_in_order(shell: HostShell) -> None:
    assert shell.run("systemctl --failed --no-legend --plain") == ""
    assert health(shell, "Manager")["state"] == "ok"
    assert health(shell, "Management network")["state"] == "ok"
    assert answer(shell, "plan")["changes"] == []


def _who_holds_an_address_is_seen(shell: HostShell) -> None:
    """By neighbour discovery, before a Manager would be deployed there."""
    for address, state, words in ((MANAGER, "failed", "in use"), (FREE, "ok", "Nobody answers")):
        verb = f"manager preflight --bridge {BRIDGE} --address {address}/64"
        said = shell.run(f"flexvdi-config {verb} --json || true", PATIENCE)
        checks = {check["name"]: check for check in json.loads(said)}
        assert checks["address"]["state"] == state and words in checks["address"]["measured"], said
        assert checks["subnet"]["state"] == "ok", said
