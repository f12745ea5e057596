"""Two installed hosts and one Manager, each a machine of its own, on one network.

One host joins by its kickstart at its first boot, the other by verbs. Then what binds them breaks,
part by part, and comes back.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from foundation.joining import read_join_string, readable_fingerprint
from foundation.secret import Secret
from tests.lab.host_shell import HostShell
from tests.lab.host_verbs import PATIENCE, answer, change, health, wait_until
from tests.lab.installation import DISK_GIB, Installed, booted, install
from tests.lab.kickstarts import ROOT_PASSWORD, render
from tests.lab.machine import Machine, create_disk
from tests.lab.manager_machine import ADMINISTRATOR, ManagerMachine
from tests.lab.platform import wait_for
from tests.lab.switch import PORT, Switch, mac_of, switch

pytestmark = pytest.mark.full

PASSWORD = Secret("planted-horse battery of a test")
MANAGER, FIRST, SECOND = "10.77.0.10", "10.77.0.11", "10.77.0.12"
ONE, TWO = "one.flexvdi.test", "two.flexvdi.test"
# Mainboards; the lab's machines have none of their own.
MAINBOARDS = {
    FIRST: "3a1c7d8e-51f4-4b0e-9c57-0a6f1e2b0001",
    SECOND: "3a1c7d8e-51f4-4b0e-9c57-0a6f1e2b0002",
}
# The lab reaches the hosts by their first port, so it stays as it is.
INTERFACES = (
    "[{kind: ethernet, name: enp0s4, ipv4: {method: auto}}, "
    f"{{kind: ethernet, name: {PORT}, ipv6: {{method: disabled}}, "
    f"ipv4: {{method: manual, addresses: [{SECOND}/24]}}}}]"
)
BRIDGE = "br-desktops"
JOIN = "flexvdi-config manager join"
AGENT = "flexvdi-agent.service"


def test_two_hosts_of_one_manager(iso: Path, one_disk: Installed, folder: Path) -> None:
    with switch() as lan, _manager(lan, folder) as manager:
        manager.switch_on()
        manager.ctl.do("setting", "change", "hosts", "--set", f'bridges=["{BRIDGE}"]')
        _its_watchdog_is_fed(manager.shell)
        used = manager.join_string("the first host")
        first = _installed_to_join(used, lan, iso, folder / "one")
        second = _on_the_switch(one_disk, lan, 12, SECOND)
        with booted(first, folder / "one", disks=first.machine.disks) as one:
            one.shell.wait_until_ready(PATIENCE)
            _it_has_joined_at_its_first_boot(one.shell, manager, used)
            with booted(second, folder / "two") as two:
                two.shell.wait_until_ready(PATIENCE)
                _watch_processes(two.shell)
                _is_put_on_the_network(two.shell)
                _what_is_wrong_lets_nobody_in(two.shell, manager, used)
                _joins_by_a_password_and_leaves(two.shell, manager)
                fresh = manager.join_string("the second host")
                _joins_by_a_token(two.shell, manager, fresh)

                _both_are_known(manager)
                shells = (one.shell, two.shell)
                for shell in shells:
                    _is_in_order(shell)
                _a_killed_agent_comes_back(one.shell, manager)
                _the_manager_goes_and_comes_back(shells, manager)
                _maintenance_reaches_the_host(two.shell, manager)
                _a_missing_bridge_is_made(two.shell, manager)
                for shell in (*shells, manager.shell):
                    _keeps_no_secret(shell, used, fresh)
            _reinstalled_it_takes_its_own_place(second, folder / "reinstalled", manager)
        _one_that_is_lost_is_removed(first, folder / "removed", manager)


def _manager(lan: Switch, folder: Path) -> ManagerMachine:
    return ManagerMachine(folder, lan.cable(10), mac_of(10), f"{MANAGER}/24", PASSWORD)


def _its_watchdog_is_fed(shell: HostShell) -> None:
    """By systemd, and it is the one that resets the guest, not the chipset's."""
    active = "$(grep -lx active /sys/class/watchdog/*/state)"
    assert shell.run(f"cat $(dirname {active})/identity") == "i6300ESB timer"


def _installed_to_join(join: Secret, lan: Switch, iso: Path, folder: Path) -> Installed:
    """A host that was installed by a kickstart with this join string, and has not booted yet."""
    addresses = f"--bootproto=static --ip={FIRST} --netmask=255.255.255.0 --nodefroute --noipv6"
    kickstart = (
        f"{render('one-disk', disk='vda', hostname=ONE)}\n"
        f"network --device={PORT} {addresses}\n"
        f"%addon com_flexvdi\njoin: {join.reveal()}\n%end\n"
    )
    disk = create_disk(folder / "disk0.qcow2", DISK_GIB, serial="lab-0")
    machine = Machine("one", memory=1536, disks=(disk,))
    installed = _on_the_switch(Installed(machine, folder), lan, 11, FIRST)
    install(installed.machine, iso, kickstart, folder)
    return installed


def _on_the_switch(installed: Installed, lan: Switch, number: int, address: str) -> Installed:
    board = ("-uuid", MAINBOARDS[address])
    machine = replace(installed.machine, extra=(*lan.cable(number), *board))
    return replace(installed, machine=machine)


def _it_has_joined_at_its_first_boot(
    shell: HostShell, manager: ManagerMachine, used: Secret
) -> None:
    wait_until(shell, "manager membership", "Agent: connected")
    manager.wait_for_state(ONE, "running")
    assert manager.host(ONE)["joined_by"] == ADMINISTRATOR
    # The token was used, so nothing of it stays: not in files, and not in what the installer kept.
    token = read_join_string(used.reveal()).token
    found = shell.run(
        "grep -rlF -f - /etc /root /var/log /var/lib/flexvdi; true", said=token.reveal()
    )
    assert found == ""


def _is_put_on_the_network(shell: HostShell) -> None:
    change(shell, f"set identity.hostname={TWO}")
    change(shell, f"set 'network.interfaces={INTERFACES}' --confirm-timeout 600")
    shell.run("flexvdi-config confirm", PATIENCE)
    shell.run(f"until ping -c 1 -W 2 {MANAGER} >/dev/null; do :; done", PATIENCE)


def _what_is_wrong_lets_nobody_in(shell: HostShell, manager: ManagerMachine, used: Secret) -> None:
    by_string, by_person = f"{JOIN} --string-file -", _by_person(manager, "0" * 64)
    another = used.reveal().replace(manager.fingerprint, "0" * 64)
    password = f"{manager.password.reveal()}\n"
    for verb, said, words in (
        (
            by_string,
            another,
            ("Another Manager answers", readable_fingerprint(manager.fingerprint)),
        ),
        (by_string, used.reveal(), ("used already", "Make a new join string")),
        (by_person, password, ("Another Manager answers",)),
        (_by_person(manager, manager.fingerprint), "wrong\n", ("password",)),
        (_by_person(manager, ""), password, ("Give --fingerprint", "Nobody can be asked")),
    ):
        refusal = shell.run(f"! {verb} 2>&1", PATIENCE, said=said)
        assert all(text in refusal for text in words), refusal
        assert "Traceback" not in refusal
    assert "no platform" in shell.run("! flexvdi-config manager membership", PATIENCE)
    assert TWO not in manager.ctl.hosts()


def _by_person(manager: ManagerMachine, fingerprint: str) -> str:
    known = f"--fingerprint {fingerprint} " if fingerprint else ""
    return f"{JOIN} --address {manager.address} {known}--user {ADMINISTRATOR} --password-file -"


def _joins_by_a_password_and_leaves(shell: HostShell, manager: ManagerMachine) -> None:
    verb = _by_person(manager, readable_fingerprint(manager.fingerprint))
    said = shell.run(verb, PATIENCE, said=f"{manager.password.reveal()}\n")
    assert f"part of the platform of {MANAGER}" in said
    assert BRIDGE in said
    manager.wait_for_state(TWO, "running")
    said = change(shell, "manager leave --reason moved")
    assert "could not be told" not in said, said
    assert TWO not in manager.ctl.hosts()
    assert shell.run(f"systemctl is-active {AGENT}; systemctl is-enabled {AGENT}; true") == (
        "inactive\ndisabled"
    )


def _joins_by_a_token(shell: HostShell, manager: ManagerMachine, fresh: Secret) -> None:
    shell.run(f"{JOIN} --string-file -", PATIENCE, said=fresh.reveal())
    manager.wait_for_state(TWO, "running")


def _both_are_known(manager: ManagerMachine) -> None:
    for name, address in ((ONE, FIRST), (TWO, SECOND)):
        manager.wait_for_state(name, "running")
        host = manager.host(name)
        assert host["connected"] and host["id"] == MAINBOARDS[address]
        assert host["address"] == address
        facts = host["facts"]
        assert facts["host_name"] == name and facts["memory"] > 1 << 30
        assert facts["hypervisor"] and facts["cpu_threads"] == 2
        assert any(f"{address}/24" in port["addresses"] for port in facts["interfaces"])
        assert not facts["degraded"]
        assert host["missing_bridges"] == [BRIDGE]
        sampled = wait_for(
            lambda place=host["id"]: manager.ctl.ask("host", "statistics", place)["samples"],  # type: ignore[misc]
            PATIENCE,
            f"statistics of {name}",
        )
        assert sampled[-1]["load"]["memory"] > 0


def _is_in_order(shell: HostShell) -> None:
    assert shell.run("systemctl --failed --no-legend --plain") == ""
    assert shell.run(f"systemctl is-active {AGENT}") == "active"
    assert health(shell, "Manager")["state"] == "ok"
    assert answer(shell, "plan")["changes"] == []
    private = shell.run("stat -c %a%U /etc/flexvdi/agent/host.pem /var/lib/flexvdi/agent")
    assert private.split()[0] == "600root"


def _a_killed_agent_comes_back(shell: HostShell, manager: ManagerMachine) -> None:
    before = shell.run(f"systemctl show --value -p MainPID {AGENT}")
    epoch = manager.host(ONE)["epoch"]
    shell.run(f"kill -KILL {before}")
    wait_for(lambda: manager.host(ONE)["epoch"] > epoch, PATIENCE, "another connection")
    manager.wait_for_state(ONE, "running")
    assert shell.run(f"systemctl show --value -p MainPID {AGENT}") != before
    assert answer(shell, "manager membership")["state"] == "connected"


def _the_manager_goes_and_comes_back(
    shells: tuple[HostShell, ...], manager: ManagerMachine
) -> None:
    manager.cut_power()
    for shell in shells:
        wait_until(shell, "status", "warning +Manager: The Manager at .* (cannot be|does not|was)")
        assert health(shell, "Manager")["remedy"]
        assert shell.run(f"systemctl is-active {AGENT}") == "active"
    manager.switch_on()
    answering = time.monotonic()
    for name in (ONE, TWO):
        manager.wait_for_state(name, "running")
    print(
        f"both hosts are connected {time.monotonic() - answering:.0f} s after the Manager answers"
    )
    for shell in shells:
        wait_until(shell, "status", "ok +Manager: The Agent is connected")


def _maintenance_reaches_the_host(shell: HostShell, manager: ManagerMachine) -> None:
    host = manager.ctl.hosts()[TWO]["id"]
    manager.ctl.do("host", "maintenance", host, "--reason", "a new fan")
    assert answer(shell, "maintenance show")["reason"] == "a new fan"
    manager.wait_for_state(TWO, "maintenance")
    manager.ctl.do("host", "service", host)
    assert answer(shell, "maintenance show") is None
    manager.wait_for_state(TWO, "running")


def _a_missing_bridge_is_made(shell: HostShell, manager: ManagerMachine) -> None:
    host = manager.ctl.hosts()[TWO]["id"]
    manager.ctl.do("host", "bridge", host, "--name", BRIDGE)
    assert "bridge" in shell.run(f"ip -details link show {BRIDGE}")
    wait_for(lambda: not manager.host(TWO)["missing_bridges"], PATIENCE, "the bridge is known")
    assert answer(shell, "pending") is None
    manager.wait_for_state(TWO, "running")


def _watch_processes(shell: HostShell) -> None:
    """Keep what the process list shows from now on."""
    watch = "while sleep 0.5; do cat /proc/[0-9]*/cmdline; done > /run/processes 2>/dev/null"
    shell.run(f"systemd-run --quiet --unit=process-watch sh -c '{watch}'")


def _keeps_no_secret(shell: HostShell, *joins: Secret) -> None:
    tokens = [read_join_string(join.reveal()).token.reveal() for join in joins]
    planted = "\n".join((PASSWORD.reveal(), ROOT_PASSWORD, *tokens))
    files = "grep -rlaF -f - /etc /root /run /var/log /var/lib/flexvdi*"
    journal = 'journalctl --output=export | grep -aF -f <(echo "$planted")'
    found = shell.run(
        f'planted=$(cat); echo "$planted" | {files} 2>/dev/null; {journal}; true',
        PATIENCE,
        said=planted,
    )
    assert found == ""


def _reinstalled_it_takes_its_own_place(
    second: Installed, folder: Path, manager: ManagerMachine
) -> None:
    """Its disks are as they were installed; the platform knows its mainboard."""
    manager.wait_for_state(TWO, "unavailable")
    join = manager.join_string("the second host, reinstalled")
    with booted(second, folder) as two:
        two.shell.wait_until_ready(PATIENCE)
        _is_put_on_the_network(two.shell)
        verb = f"{JOIN} --string-file -"
        refusal = two.shell.run(f"! {verb} 2>&1", PATIENCE, said=join.reveal())
        assert "same identity" in refusal and "--replace" in refusal
        two.shell.run(f"{verb} --replace", PATIENCE, said=join.reveal())
        manager.wait_for_state(TWO, "running")
        assert len(manager.ctl.hosts()) == 2


def _one_that_is_lost_is_removed(first: Installed, folder: Path, manager: ManagerMachine) -> None:
    manager.wait_for_state(ONE, "unavailable")
    host = manager.ctl.hosts()[ONE]["id"]
    assert "by force" in manager.ctl.refused("host", "remove", host, "--yes")
    manager.ctl.do("host", "remove", host, "--force", "--yes")
    assert ONE not in manager.ctl.hosts()
    with booted(first, folder, disks=first.machine.disks) as one:
        one.shell.wait_until_ready(PATIENCE)
        wait_until(one.shell, "status", "Manager: This host was removed from the platform")
        assert "could not be told" in change(one.shell, "manager leave")
        assert one.shell.run("ls -A /etc/flexvdi/agent") == ""
