"""A real Manager and real Agents, on loopback, with real TLS."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.joining import join_with_token
from foundation.failure import Failure
from foundation.secret import Secret
from host.api.membership import JoinSecret
from host.document.certificates import make_self_signed, utc_now
from host.document.membership import Membership, join_token_text
from host.document.system_files import FileContent
from host.doors.membership import MembershipDoor
from host.membership_files import MANAGER_FILE, TOKEN_FILE, manager_file
from manager.hosts.tables import HostRow
from tests.lab.platform import PASSWORD, TESTER, LabHost, LabManager, wait_for


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[LabManager]:
    manager = LabManager(tmp_path / "manager")
    manager.start()
    try:
        manager.wait_until_ready()
        yield manager
    finally:
        manager.end()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[LabHost]:
    host = LabHost(tmp_path, "node1.lab", domains=5)
    yield host
    host.end()


def test_a_host_joins_by_token_and_tells_of_itself(manager: LabManager, host: LabHost) -> None:
    joined = host.join(manager.address, manager.make_token())
    assert joined.status.host_name == "node1.lab"
    assert manager.state_of("node1.lab") == "joining"
    host.start()
    wait_for(lambda: manager.state_of("node1.lab") == "running", 30, "the host is running")
    assert host.report()["state"] == "connected"
    assert len(manager.guests_of("node1.lab")) == 5
    assert host.stop() == 0
    assert manager.state_of("node1.lab") == "running"  # a moment of silence is nothing


def installed_to_join(host: LabHost, manager: LabManager, token: Secret, *, replace: bool) -> None:
    """As an unattended installation and the first boot leave it."""
    address = manager.address
    membership = Membership(
        address=address.address,
        port=address.port,
        agents_port=manager.agents,
        fingerprint=address.fingerprint,
    )
    document = host.root / "etc/flexvdi/host.yaml"
    said = json.dumps(membership.model_dump(mode="json"))
    document.write_text(f"{document.read_text()}membership: {said}\n")
    host.files.put(MANAGER_FILE, manager_file(membership))
    host.files.put(TOKEN_FILE, FileContent(join_token_text(token, replace=replace), 0o600))


def test_a_host_joins_at_its_first_boot_and_keeps_no_token(
    manager: LabManager, host: LabHost
) -> None:
    installed_to_join(host, manager, manager.make_token(), replace=False)
    join_with_token(FirstBoot(host.membership), host.files)  # type: ignore[arg-type]
    assert host.files.read(TOKEN_FILE) is None
    host.start()
    wait_for(lambda: manager.state_of(host.name) == "running", 30, "the host is running")


def test_a_reinstalled_host_takes_its_own_place_if_its_kickstart_says_so(
    manager: LabManager, host: LabHost, tmp_path: Path
) -> None:
    host.join(manager.address, manager.make_token())
    with manager.database.writing() as session:
        row = session.get(HostRow, manager.host(host.name).id)  # type: ignore[union-attr]
        assert row is not None
        row.state = "unavailable"
    for allowed in (False, True):
        again = LabHost(tmp_path / f"again-{allowed}", host.name, domains=5)
        installed_to_join(again, manager, manager.make_token(), replace=allowed)
        first_boot = FirstBoot(again.membership)
        if allowed:
            join_with_token(first_boot, again.files)  # type: ignore[arg-type]
            assert again.files.read(TOKEN_FILE) is None
        else:
            with pytest.raises(Failure, match="already"):
                join_with_token(first_boot, again.files)  # type: ignore[arg-type]


@dataclass(frozen=True)
class FirstBoot:
    """What joining needs of a host: an Agent of its own would ask a simulated Manager."""

    membership: MembershipDoor


def test_a_token_lets_one_host_in_once(manager: LabManager, host: LabHost, tmp_path: Path) -> None:
    token = manager.make_token()
    host.join(manager.address, token)
    second = LabHost(tmp_path, "node2.lab")
    with pytest.raises(Failure, match="used already"):
        second.join(manager.address, token)
    assert second.membership.status() is None
    assert not (second.root / "etc/flexvdi/agent/joining.key").exists()


def ended(client: httpx.Client, task: str) -> dict[str, Any] | None:
    said: dict[str, Any] = client.get(f"/api/v1/tasks/{task}").json()
    return said if said["state"] in ("done", "failed", "cancelled") else None


def running(manager: LabManager, host: LabHost) -> str:
    """Have ``host`` join and run; its identifier."""
    host.join(manager.address, manager.make_token())
    host.start()
    wait_for(lambda: manager.state_of(host.name) == "running", 30, "the host is running")
    row = manager.host(host.name)
    assert row is not None
    return row.id


def test_maintenance_is_entered_and_left_by_tasks(manager: LabManager, host: LabHost) -> None:
    place = f"/api/v1/hosts/{running(manager, host)}"
    with manager.signed_in() as client:
        refused = client.post(f"{place}/power", json={"action": "reboot", "reason": "kernel"})
        assert refused.status_code == 409 and "maintenance first" in refused.json()["remedy"]
        task = client.post(f"{place}/maintenance", json={"reason": "new memory"}).json()["task"]
        assert wait_for(lambda: ended(client, task), 30, "the task ends")["state"] == "done"
        wait_for(lambda: manager.state_of(host.name) == "maintenance", 30, "it is in maintenance")
        shown = client.get(place).json()
        assert shown["reason"].startswith("new memory (root")
        task = client.delete(f"{place}/maintenance").json()["task"]
        assert wait_for(lambda: ended(client, task), 30, "the task ends")["state"] == "done"
        wait_for(lambda: manager.state_of(host.name) == "running", 30, "it is in service")


def test_a_task_survives_the_manager_while_its_host_is_away(
    manager: LabManager, host: LabHost
) -> None:
    place = f"/api/v1/hosts/{running(manager, host)}"
    host.kill()
    with manager.signed_in() as client:
        task = client.post(f"{place}/maintenance", json={"reason": "x"}).json()["task"]
    manager.kill()
    manager.start()
    manager.wait_until_ready()
    host.start()
    with manager.signed_in() as client:
        assert wait_for(lambda: ended(client, task), 90, "the task ends")["state"] == "done"
    wait_for(lambda: manager.state_of(host.name) == "maintenance", 30, "it is in maintenance")


def test_what_a_host_refuses_is_told_in_its_own_words(manager: LabManager, host: LabHost) -> None:
    place = f"/api/v1/hosts/{running(manager, host)}"
    with manager.signed_in() as client:
        task = client.post(f"{place}/bridges", json={"name": "br-lab"}).json()["task"]
        failed = wait_for(lambda: ended(client, task), 60, "the task ends")
    assert failed["state"] == "failed"
    assert failed["error"]["cause"] and failed["error"]["remedy"]


def test_a_removed_host_forgets_its_membership(manager: LabManager, host: LabHost) -> None:
    place = f"/api/v1/hosts/{running(manager, host)}"
    with manager.signed_in() as client:
        assert client.delete(place).status_code == 204
        assert client.get(place).status_code == 404
    member = host.root / "etc/flexvdi/agent/member.json"
    wait_for(lambda: not member.exists(), 30, "the host knows")
    host.join(manager.address, manager.make_token())
    wait_for(lambda: manager.state_of(host.name) == "running", 30, "it is there again")


def test_a_host_that_leaves_tells_its_manager(manager: LabManager, host: LabHost) -> None:
    running(manager, host)
    leaving = host.root / "etc/flexvdi/agent/leaving.json"

    def stop_as_systemd_would() -> None:
        wait_for(leaving.exists, 120, "the host has noted that it leaves")
        host.stop()

    stopping = threading.Thread(target=stop_as_systemd_would)
    stopping.start()
    told = host.membership_of_running().leave(TESTER, "moved")
    stopping.join()
    assert told
    assert manager.host(host.name) is None
    assert host.membership.status() is None


def test_an_administrator_joins_a_host(manager: LabManager, host: LabHost) -> None:
    with manager.signed_in() as client:
        assert client.get("/api/v1/hosts").json()["items"] == []
    found = host.membership.find("127.0.0.1", manager.https)
    assert found.manager == manager.address
    for password in ("wrong", PASSWORD):
        secret = JoinSecret(user="root", password=Secret(password))
        if password != PASSWORD:
            with pytest.raises(Failure):
                host.membership.join(found.manager, secret, TESTER)
            assert host.membership.status() is None
        else:
            host.membership.join(found.manager, secret, TESTER)
    row = manager.host(host.name)
    assert row is not None and row.joined_by == "root"


def test_hosts_trust_the_own_ca_whatever_browsers_are_shown(
    manager: LabManager, host: LabHost
) -> None:
    chain, key = make_self_signed(("localhost",), 90, utc_now())
    with manager.signed_in() as client:
        brought = {"certificate": chain, "key": key.reveal()}
        client.put("/api/v1/certificate", json=brought).raise_for_status()
    by_name = replace(manager.address, address="localhost")
    host.join(by_name, manager.make_token())
    host.start()
    wait_for(lambda: manager.state_of(host.name) == "running", 30, "the host is running")


def test_no_secret_is_left_in_any_log(manager: LabManager, host: LabHost) -> None:
    token = manager.make_token()
    host.join(manager.address, token)
    host.start()
    wait_for(lambda: manager.state_of(host.name) == "running", 30, "the host is running")
    key = (host.root / "etc/flexvdi/agent/host.pem").read_text().splitlines()[1]
    for log in (manager.log, host.log):
        text = log.read_text()
        assert token.reveal() not in text and key not in text
    for process in (manager, host):
        arguments = Path(f"/proc/{process.pid}/cmdline").read_text()
        assert token.reveal() not in arguments
