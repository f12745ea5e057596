"""Entering and leaving maintenance, also when it is killed half-way."""

from __future__ import annotations

import pytest

from foundation.failure import Failure
from host.audit import Actor
from host.backends.simulated.backend import SimulatedHost
from host.backends.simulated.simulation import Fault, Killed
from host.document.system_files import FileContent
from host.maintenance import LIBVIRT_GUESTS_FILE, MAINTENANCE_FILE
from tests.unit.host.storage_lab import NODE, WHO

GUESTS = ("mail", "pupils", "ward-3")


@pytest.fixture
def host() -> SimulatedHost:
    host = SimulatedHost(NODE)
    for guest in GUESTS:
        host.machine.guests.set_autostart(guest, True)
    return host


def test_guests_start_again_as_they_did_before(host: SimulatedHost) -> None:
    entered = host.enter_maintenance("new memory", WHO)
    assert entered.guests == GUESTS and entered.who == str(WHO)
    assert host.machine.guests.autostarted() == ()
    resumption = host.machine.files.read(LIBVIRT_GUESTS_FILE)
    assert resumption is not None and resumption.text == "ON_BOOT=ignore\n"
    assert host.maintenance() == entered == host.status().maintenance
    host.leave_maintenance(WHO)
    assert host.machine.guests.autostarted() == GUESTS
    assert host.maintenance() is None
    assert host.machine.files.read(LIBVIRT_GUESTS_FILE) is None


@pytest.mark.parametrize("kind", ["fails", "killed"])
@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_ended_anywhere_on_the_way_in_leaving_puts_all_back(
    host: SimulatedHost, kind: str, at: int
) -> None:
    host.simulation.restart_counting()
    host.faults["*"] = Fault("Ended.", at=at, times=1, kind=kind)  # type: ignore[arg-type]
    with pytest.raises((Failure, Killed)):
        host.enter_maintenance("new memory", WHO)
    host.faults.clear()
    if at == 1:
        assert host.maintenance() is None
    else:
        host.leave_maintenance(WHO)
    assert host.machine.guests.autostarted() == GUESTS


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_ended_anywhere_on_the_way_out_it_can_be_left_again(host: SimulatedHost, at: int) -> None:
    host.enter_maintenance("new memory", WHO)
    host.simulation.restart_counting()
    host.faults["*"] = Fault("Ended.", at=at, times=1, kind="killed")
    with pytest.raises(Killed):
        host.leave_maintenance(WHO)
    host.faults.clear()
    host.leave_maintenance(WHO)
    assert host.machine.guests.autostarted() == GUESTS and host.maintenance() is None


def test_entering_again_keeps_the_time_and_the_guests(host: SimulatedHost) -> None:
    first = host.enter_maintenance("new memory", WHO)
    host.machine.guests.set_autostart("late", True)
    again = host.enter_maintenance("and a new disk", Actor("ana", "10.0.0.5"))
    assert (again.since, again.reason) == (first.since, "and a new disk")
    assert again.guests == ("late", *GUESTS)
    assert "ana" in again.who


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 201])
def test_a_reason_is_wanted_and_is_short(host: SimulatedHost, reason: str) -> None:
    with pytest.raises(Failure, match="reason"):
        host.enter_maintenance(reason, WHO)
    assert host.machine.guests.autostarted() == GUESTS


def test_leaving_without_having_entered_is_refused(host: SimulatedHost) -> None:
    with pytest.raises(Failure, match="not in maintenance"):
        host.leave_maintenance(WHO)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"who": "x"}', '{"guests": 3}'])
def test_a_damaged_note_is_still_maintenance(host: SimulatedHost, text: str) -> None:
    host.machine.files.put(MAINTENANCE_FILE, FileContent(text))
    known = host.maintenance()
    assert known is not None and "damaged" in known.reason
    host.leave_maintenance(WHO)
    assert host.maintenance() is None
