"""Faults and kills at every call of a port while everything but storage changes at once.

Whatever happens, document and machine agree afterwards, and the machine is as it was before or as
it was to be. (Storage has the same in test_storage_applying.)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foundation.failure import Failure
from foundation.secret import Secret
from host.backends.simulated.accounts import SimulatedAccounts
from host.backends.simulated.backend import SimulatedHost
from host.backends.simulated.clock import SimulatedClock
from host.backends.simulated.files import SimulatedFiles
from host.backends.simulated.services import SimulatedServices
from host.backends.simulated.simulation import Fault, Killed
from host.document.access import Administrator
from host.document.interfaces import Ethernet
from host.document.model import HostDocument, Identity, Time
from host.document.network import Network
from host.document.system import Certificate, CrashDump, Firewall, Logging, LogTarget
from tests.unit.host.storage_lab import WHO

HOSPITAL = Path(__file__).parents[3] / "host/backends/simulated/examples/hospital.json"
HASH = "$y$j9T$abcdefghijklmnopqrstu1$ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn0."


@pytest.fixture
def host() -> SimulatedHost:
    return SimulatedHost(HOSPITAL)


def everything_else(document: HostDocument) -> HostDocument:
    """Another value in every section but that of storage."""
    return document.replacing(
        identity=Identity(hostname="other.lab", keyboard="us"),
        time=Time(timezone="UTC", utc=False, ntp_pools=("pool.example",)),
        network=Network(interfaces=(Ethernet(name="eno1"),)),
        access=document.access.model_copy(
            update={
                "root_password_hash": Secret(HASH),
                "administrators": (Administrator(name="ana", password_hash=Secret(HASH)),),
                "ssh": False,
                "ssh_passwords": True,
            }
        ),
        certificate=Certificate(names=("console.lab",), generation=7),
        logging=Logging(target=LogTarget(host="logs.lab")),
        firewall=Firewall(enabled=True, services=("ssh", "https"), ports=("5900-5910/tcp",)),
        crash_dump=CrashDump(enabled=True, directory="/srv/crash"),
    )


def state_of(host: SimulatedHost) -> dict[str, Any]:
    """All that these parts can change, to compare."""
    machine = host.machine
    assert isinstance(machine.files, SimulatedFiles)
    assert isinstance(machine.accounts, SimulatedAccounts)
    assert isinstance(machine.services, SimulatedServices)
    assert isinstance(machine.clock, SimulatedClock)
    return {
        "files": dict(machine.files.content),
        "accounts": dict(machine.accounts.known),
        "services": set(machine.services.enabled),
        "names": machine.hostname.names(),
        "clock": (machine.clock.zone, machine.clock.utc),
    }


def calls_of_everything() -> int:
    host = SimulatedHost(HOSPITAL)
    assert host.apply(everything_else(host.document()), WHO) is not None
    return len(host.simulation.changes_made)


CALLS = range(1, calls_of_everything() + 1)
SOME_CALLS = CALLS[::3]


def test_every_section_changes(host: SimulatedHost) -> None:
    before = host.document()
    wanted = everything_else(before)
    parts = {change.part for change in host.plan(wanted).changes}
    assert len(parts) >= 9, parts
    assert host.apply(wanted, WHO) is not None
    assert host.document() == wanted and host.plan(wanted).is_empty
    assert host.apply(before, WHO) is not None
    assert host.document() == before and host.plan(before).is_empty


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_fails_puts_everything_back(host: SimulatedHost, call: int) -> None:
    before = host.document()
    wanted, state = everything_else(before), state_of(host)
    host.faults["*"] = Fault("The service hangs.", at=call, times=1)
    with pytest.raises(Failure, match="The service hangs"):
        host.apply(wanted, WHO)
    assert state_of(host) == state
    assert host.document() == before and host.plan(before).is_empty
    assert host.jobs()[0].state == "failed"
    host.faults.clear()
    assert host.apply(wanted, WHO) is not None
    assert host.document() == wanted and host.plan(wanted).is_empty


@pytest.mark.parametrize("call", SOME_CALLS)
def test_a_machine_that_fails_from_then_on_is_put_back_later(
    host: SimulatedHost, call: int
) -> None:
    before = host.document()
    state = state_of(host)
    host.faults["*"] = Fault("The disk is full.", at=call)
    with pytest.raises(Failure, match="The disk is full"):
        host.apply(everything_else(before), WHO)
    host.faults.clear()
    if host._jobs.has_leftovers("1"):
        assert host.rollback("1", WHO).state == "rolled back"
    assert state_of(host) == state
    assert host.document() == before and host.plan(before).is_empty


@pytest.mark.parametrize(
    ("after", "call"),
    [*(("boot", call) for call in CALLS), *(("resume", call) for call in SOME_CALLS)],
)
def test_killed_at_any_call_it_is_rolled_back_or_resumed(
    host: SimulatedHost, call: int, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = host.document()
    wanted, state = everything_else(before), state_of(host)
    host.faults["*"] = Fault("killed", at=call, times=1, kind="killed")
    with pytest.raises(Killed):
        host.apply(wanted, WHO)
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    host.faults.clear()
    if after == "boot":
        host.apply_at_boot()
        left = before
        assert state_of(host) == state
    else:
        host.resume("1", WHO)
        left = wanted
    assert host.document() == left and host.plan(left).is_empty


@pytest.mark.parametrize("call", SOME_CALLS)
def test_killed_while_putting_back_it_is_put_back_at_the_next_boot(
    host: SimulatedHost, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = host.document()
    state = state_of(host)
    host.faults["*"] = Fault("killed", at=CALLS[-1], times=1, kind="killed")
    with pytest.raises(Killed):
        host.apply(everything_else(before), WHO)
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    host.simulation.restart_counting()
    host.faults["*"] = Fault("killed", at=call, times=1, kind="killed")
    try:
        host.apply_at_boot()
    except Killed:
        host.faults.clear()
        host.apply_at_boot()
    assert state_of(host) == state
    assert host.document() == before and host.plan(before).is_empty
