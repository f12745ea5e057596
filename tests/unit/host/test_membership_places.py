"""The places of a Manager in a host's document, and setting them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foundation.failure import Failure
from foundation.secret import Secret
from host.api.membership import JoinSecret
from host.audit import Actor
from host.backends.simulated.backend import SimulatedHost
from host.document.membership import MOST_OTHERS, ManagerPlace, Membership
from host.membership_files import CREDENTIALS_FILE, manager_file, read_manager

ANA = Actor("ana", "a test")
TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWX"
FIRST = Membership(address="10.0.0.5", fingerprint="ab" * 32)


def place(number: int) -> ManagerPlace:
    return ManagerPlace(address=f"10.0.1.{number}")


def test_what_is_told_comes_behind_the_first_and_before_what_was_known() -> None:
    known = FIRST.at(*FIRST.places, place(1), place(2))
    told = known.told((place(3), place(2)))
    assert [one.address for one in told.places] == ["10.0.0.5", "10.0.1.3", "10.0.1.2", "10.0.1.1"]
    assert told.told((place(3), place(2))) == told


def test_a_bounded_number_of_old_places_is_remembered() -> None:
    known = FIRST
    for number in range(30):
        known = known.told((place(number),))
    assert len(known.others) == MOST_OTHERS
    assert known.others[0] == place(29)
    assert known.address == "10.0.0.5"


def test_a_host_that_knows_no_others_keeps_its_file_as_it_was() -> None:
    made = manager_file(FIRST)
    assert made is not None
    assert set(json.loads(made.text)) == {"address", "port", "agents_port", "fingerprint"}


@pytest.fixture
def host(tmp_path: Path) -> SimulatedHost:
    path = tmp_path / "node.json"
    platform = {"tokens": [TOKEN], "people": {}}
    document = {"version": 1, "identity": {"hostname": "node1.lab"}}
    facts = {"hostname": "node1.lab", "version": "1", "platform": platform, "document": document}
    path.write_text(json.dumps(facts))
    host = SimulatedHost(path)
    manager = host.membership.find("10.0.0.5", 443).manager
    host.membership.join(manager, JoinSecret(token=Secret(TOKEN)), ANA)
    return host


def test_another_address_of_the_same_manager_keeps_the_certificate(host: SimulatedHost) -> None:
    before = host.machine.files.read(CREDENTIALS_FILE)
    status = host.membership.set_address("manager.lab", 8443, ANA)
    assert (status.manager.address, status.manager.port) == ("manager.lab", 8443)
    assert status.others == ("10.0.0.5",)
    assert host.machine.files.read(CREDENTIALS_FILE) == before
    dialled = read_manager(host.machine.files)
    assert dialled == host.document().membership
    assert dialled is not None and dialled.address == "manager.lab"


def test_somebody_else_at_the_address_is_refused_and_nothing_changes(host: SimulatedHost) -> None:
    before = host.document()
    host.simulation.facts["platform"]["reinstalled"] = True
    with pytest.raises(Failure, match="Another Manager answers at 10\\.0\\.0\\.9"):
        host.membership.set_address("10.0.0.9", 443, ANA)
    assert host.document() == before


def test_nobody_at_the_address_is_told(host: SimulatedHost) -> None:
    del host.simulation.facts["platform"]
    with pytest.raises(Failure, match="cannot be reached"):
        host.membership.set_address("10.0.0.9", 443, ANA)
    membership = host.document().membership
    assert membership is not None and membership.others == ()


def test_what_an_agent_was_told_is_not_kept_for_another_platform(host: SimulatedHost) -> None:
    membership = host.document().membership
    assert membership is not None
    assert host.membership.keep_places(membership.told((place(1),)), ANA)
    assert not host.membership.keep_places(membership.told((place(1),)), ANA)
    other = Membership(address="10.9.9.9", fingerprint="cd" * 32)
    assert not host.membership.keep_places(other, ANA)
    host.membership.leave(ANA)
    assert not host.membership.keep_places(membership, ANA)
    assert host.document().membership is None


def test_a_host_of_no_platform_has_no_address_to_set(host: SimulatedHost) -> None:
    host.membership.leave(ANA)
    with pytest.raises(Failure, match="belongs to no platform"):
        host.membership.set_address("10.0.0.9", 443, ANA)
