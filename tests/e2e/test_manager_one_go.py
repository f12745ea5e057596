"""From the medium to a platform with nobody there: installed, the Manager deployed, the host in it.

The Manager is a guest, emulated inside of a machine that may be emulated itself: that is slow, so
one machine goes through all of it. ``seconds.json`` in its folder says how long each part took.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from foundation.secret import Secret
from manager.access.passwords import hash_password
from tests.lab.host_shell import HostShell
from tests.lab.host_verbs import PATIENCE, answer
from tests.lab.installation import (
    BOOT_SECONDS,
    STATUS_SCREEN,
    embed,
    watch_until_installed,
)
from tests.lab.machine import RunningMachine, running
from tests.lab.one_go import (
    HOST_NAME,
    MANAGER,
    SECONDS,
    UNIT,
    details_of,
    follow_deployment,
    journal,
    kickstart,
    machine,
    signed_in,
)
from tests.lab.phases import Phases

PASSWORD = Secret("planted words of an administrator")
BOOT = "cat /proc/sys/kernel/random/boot_id"
AGENT = "flexvdi-agent.service"
SEED = "/var/lib/flexvdi/images/flexvdi-manager/seed.iso"
# A person who looks for secrets looks here, and into what the product keeps for itself.
RECORDS = (
    "journalctl --no-pager -o cat; ps -ewwo args; tail -c +1 $(find /var/log -type f -size -64M);"
    " find /var/lib/flexvdi -type f -size -1M -exec cat {} +"
)


@dataclass
class Story:
    """The machine, its shell and its port to the Manager, while it goes through all of it."""

    run: RunningMachine
    shell: HostShell
    https: int
    phases: Phases

    def manager(self) -> AbstractContextManager[httpx.Client]:
        """An administrator of the Manager, who knows its authority from the host."""
        authority = self.shell.run("cat /etc/flexvdi/agent/ca.crt")
        return signed_in(self.https, authority, "admin", PASSWORD)

    def wait_until_connected(self) -> None:
        """Until the Agent says so, however long the Manager takes."""
        self.shell.run("until flexvdi-agent status; do sleep 5; done", SECONDS)

    def agent(self, name: str) -> str:
        """A property of the Agent's unit."""
        return self.shell.run(f"systemctl show -P {name} {AGENT}")


@pytest.mark.full
def test_a_bare_machine_becomes_a_platform_by_itself(iso: Path, folder: Path) -> None:
    hashed = Secret(hash_password(PASSWORD))
    empty, shell, https = machine(folder, embed(iso, kickstart(hashed), folder))
    with running(empty, folder) as run:
        story = Story(run, shell, https, Phases())
        try:
            token = deploys_by_itself(story)
            all_is_well(story)
            agent_comes_back(story)
            nothing_secret_is_told(story, (PASSWORD, hashed, token))
            host_comes_back(story)
            all_is_well(story)
            nothing_secret_is_told(story, (PASSWORD, hashed, token))
        finally:
            (folder / "seconds.json").write_text(json.dumps(story.phases.seconds, indent=1))


def deploys_by_itself(story: Story) -> Secret:
    """Until the host says that its Manager is deployed; the token by which the host joined it."""
    run, shell, phases = story.run, story.shell, story.phases
    watch_until_installed(run.console, phases)
    with phases.phase("first boot"):
        mark = run.console.mark()
        run.console.wait_for(STATUS_SCREEN, BOOT_SECONDS, since=mark)
        shell.wait_until_ready(BOOT_SECONDS)
    with phases.phase("copy and define the Manager"):
        shell.run("until virsh list --name | grep -q flexvdi-manager; do sleep 5; done", SECONDS)
    # Once it was used it is nowhere to be had any more.
    token = shell.run(f"grep -aoE '[A-Z2-7]{{32}}' {SEED} | head -1")
    assert token
    with phases.phase("start the Manager and join it"):
        with (run.folder / "deployment.log").open("w") as log:
            follow_deployment(shell, lambda words: print(words, file=log, flush=True))
    with phases.phase("first connection of the Agent"):
        story.wait_until_connected()
    return Secret(token)


def all_is_well(story: Story) -> None:
    """What host, Agent and Manager say of themselves and of each other."""
    shell = story.shell
    settled = shell.run("systemctl is-system-running --wait || true", SECONDS)
    assert settled == "running", shell.run("systemctl --failed --no-legend; systemctl list-jobs")
    status = answer(shell, "manager status")
    assert {check["state"] for check in status["checks"]} == {"ok"}, status["checks"]
    assert status["job"] is None
    membership = answer(shell, "manager membership")
    assert membership["state"] == "connected" and membership["manager"]["address"] == MANAGER
    said = [check for check in answer(shell, "status")["checks"] if check["name"] == "Manager"]
    assert said and {check["state"] for check in said} == {"ok"}, said
    assert story.agent("ActiveState") == "active"
    assert story.agent("NRestarts") == "0", journal(shell, AGENT)
    with story.manager() as client:
        host = details_of(client)
    assert (host["name"], host["state"], host["connected"]) == (HOST_NAME, "running", True), host
    # The document names the platform, and a second look changes nothing.
    assert answer(shell, "plan")["changes"] == []


def agent_comes_back(story: Story) -> None:
    """It is told to start again, and it is killed; the Manager hears of it anew each time."""
    shell = story.shell
    for verb in ("restart", "kill --signal KILL"):
        with story.manager() as client:
            epoch = details_of(client)["epoch"]
        before = story.agent("MainPID")
        with story.phases.phase(f"{verb.split()[0]} the Agent"):
            shell.run(f"systemctl {verb} {AGENT}", PATIENCE)
            another = f"systemctl show -P MainPID {AGENT} | grep -qvxE '0|{before}'"
            shell.run(f"until {another}; do sleep 1; done", PATIENCE)
            story.wait_until_connected()
        with story.manager() as client:
            details = details_of(client)
            assert details["epoch"] > epoch and details["connected"], details
    # What it does after being killed is systemd's; being told to start again counts anew.
    assert story.agent("NRestarts") == "1"


def host_comes_back(story: Story) -> None:
    """After a reboot of the host its Manager starts by itself, and its Agent finds it."""
    shell, before = story.shell, story.shell.run(BOOT)
    with story.phases.phase("reboot the host"):
        mark = story.run.console.mark()
        shell.run("systemctl reboot", PATIENCE)
        story.run.console.wait_for(r"Linux version|Booting", BOOT_SECONDS, since=mark)
        story.run.console.wait_for(STATUS_SCREEN, BOOT_SECONDS, since=story.run.console.mark())
        shell.wait_until_ready(BOOT_SECONDS)
        assert shell.run(BOOT) != before
    with story.phases.phase("Manager and Agent after the reboot"):
        story.wait_until_connected()


def nothing_secret_is_told(story: Story, secrets: tuple[Secret, ...]) -> None:
    """Not by a record of the host, a process, a console; and what is kept, root alone reads."""
    records = story.shell.run(RECORDS, PATIENCE)
    assert UNIT.removesuffix(".service") in records
    for secret in secrets:
        assert secret.reveal() not in records
        assert secret.reveal() not in story.run.console.transcript
    story.shell.run("! test -e /etc/flexvdi/manager-request.json")
    # The kickstart that made the host stays on it, as Anaconda leaves it: for root alone.
    told = story.shell.run("grep -rlsF -- '$argon2id$' /etc /root || true")
    for path in told.splitlines():
        assert story.shell.run(f"stat -c %a:%U {path}") in ("600:root", "400:root"), path
