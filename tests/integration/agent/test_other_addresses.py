"""The Manager is reached elsewhere: hosts that heard of it find it, others are told by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.failure import Failure
from host.document.membership import Membership
from host.membership_files import CREDENTIALS_FILE, read_manager
from tests.lab.platform import TESTER, LabHost, LabManager, wait_for

HERE, THERE = "127.0.0.1", "127.0.0.2"


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[LabManager]:
    manager = LabManager(tmp_path / "manager")
    manager.listen_at("0.0.0.0")
    manager.start()
    try:
        manager.wait_until_ready()
        yield manager
    finally:
        manager.end()


@pytest.fixture
def host(tmp_path: Path, manager: LabManager) -> Iterator[LabHost]:
    host = LabHost(tmp_path, "node1.lab", domains=2)
    host.join(manager.address, manager.make_token())
    host.start()
    try:
        wait_for(lambda: manager.state_of(host.name) == "running", 60, "the host is running")
        yield host
    finally:
        host.end()


def known(host: LabHost) -> list[str]:
    """Where the host knows its Manager, by the document and by what the Agent dials."""
    membership = read_manager(host.files)
    assert isinstance(membership, Membership)
    status = host.membership.status()
    assert status is not None
    assert (status.manager.address, *status.others) == tuple(
        place.address for place in membership.places
    )
    return [place.address for place in membership.places]


def announce(manager: LabManager, *addresses: str) -> None:
    with manager.signed_in() as client:
        values = {"addresses": list(addresses)}
        client.patch("/api/v1/settings/hosts", json=values).raise_for_status()


def moves_to(manager: LabManager, address: str) -> None:
    manager.kill()
    manager.listen_at(address)
    manager.start()
    manager.wait_until_ready()


def is_connected(host: LabHost) -> bool:
    return host.report().get("state") == "connected"


def test_a_host_that_was_told_finds_its_manager_at_the_new_address(
    manager: LabManager, host: LabHost
) -> None:
    announce(manager, HERE, THERE)
    wait_for(lambda: known(host)[:2] == [HERE, THERE], 60, "the host knows both")
    moves_to(manager, THERE)
    wait_for(lambda: manager.state_of(host.name) == "running", 120, "the host has found it")
    wait_for(lambda: known(host)[:2] == [THERE, HERE], 60, "which is where it begins now")
    assert f"address: {THERE}" in (host.root / "etc/flexvdi/host.yaml").read_text()
    host.kill()
    host.start()
    wait_for(lambda: is_connected(host), 60, "it is kept for the Agent's next start")


def test_whoever_changes_the_managers_address_has_the_hosts_told_before(
    manager: LabManager, host: LabHost
) -> None:
    which = ("--state", str(manager.settings.state))
    argv = [Path(sys.executable).with_name("flexvdi-manager"), "expect-address", THERE]
    argv += ["--instead-of", HERE, *which]
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert json.loads(told) == {"address": THERE, "untold": []}
    places = known(host)
    assert THERE in places[1:], "told when the command ends, behind where the Manager is"
    host.end()
    moves_to(manager, THERE)
    host.start()
    wait_for(lambda: manager.state_of(host.name) == "running", 120, "the host has found it")


def test_a_host_moves_by_itself_where_its_address_is_announced_no_more(
    manager: LabManager, host: LabHost
) -> None:
    announce(manager, "192.0.2.77", THERE)
    wait_for(lambda: known(host)[0] == THERE, 120, "what answers comes first, what does not, not")
    assert set(known(host)) >= {"192.0.2.77", HERE}


def test_a_host_that_was_away_is_told_by_hand(
    manager: LabManager, host: LabHost, tmp_path: Path
) -> None:
    moves_to(manager, THERE)
    wait_for(lambda: "cannot be reached" in host.report().get("cause", ""), 60, "it is lost")
    stranger = LabManager(tmp_path / "stranger")
    stranger.start()
    try:
        stranger.wait_until_ready()
        with pytest.raises(Failure, match="Another Manager answers"):
            host.membership_of_running().set_address(HERE, stranger.https, TESTER)
    finally:
        stranger.end()
    certificate = host.files.read(CREDENTIALS_FILE)
    process = host.pid
    host.membership_of_running().set_address(THERE, manager.https, TESTER)
    wait_for(lambda: is_connected(host), 60, "the Agent has found it")
    assert host.pid == process and host.files.read(CREDENTIALS_FILE) == certificate
    wait_for(lambda: manager.state_of(host.name) == "running", 60, "the host is in service")
