"""Backoff, load, snapshots and what is kept of commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.backoff import Backoff
from agent.load import load_between
from agent.protocol.inventory import GuestFacts, HostFacts
from agent.protocol.to_agent import Command
from agent.protocol.to_manager import CommandResult
from agent.results import Results
from agent.snapshot import Snapshot, difference, whole
from host.api.operation import Counters

HOST = HostFacts(host_name="a", product="p", version="1", boot_id="b", booted_at=0.0)


def guest(uuid: str, state: str = "running") -> GuestFacts:
    return GuestFacts.model_validate({"uuid": uuid, "name": uuid, "state": state})


def test_waiting_grows_to_a_minute_and_starts_anew() -> None:
    longest, shortest = Backoff(chance=lambda: 1.0), Backoff(chance=lambda: 0.0)
    assert [longest.wait() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert [shortest.wait() for _ in range(3)] == [0.5, 1, 2]
    longest.reset()
    assert longest.wait() == 1


def test_load_is_what_was_used_in_between() -> None:
    before = Counters(10.0, 100.0, 5, 1000, 2000, 3000, 4000)
    now = Counters(20.0, 120.0, 7, 2000, 2500, 3000, 4010)
    load = load_between(before, now, 4)
    assert load is not None
    assert (load.cpu, load.memory, load.received, load.sent) == (0.5, 7, 100, 50)
    assert (load.read, load.written) == (0, 1)


@pytest.mark.parametrize(
    "now",
    [Counters(10.0, 200.0, 0, 0, 0, 0, 0), Counters(20.0, 1.0, 0, 0, 0, 0, 0)],
    ids=["no time passed", "the guest was started again"],
)
def test_no_load_is_made_up(now: Counters) -> None:
    assert load_between(Counters(10.0, 100.0, 0, 0, 0, 0, 0), now, 1) is None


def test_changes_are_what_the_manager_does_not_know() -> None:
    said = Snapshot(HOST, {"1": guest("1"), "2": guest("2"), "3": guest("3")})
    now = Snapshot(HOST, {"1": guest("1"), "2": guest("2", "off"), "4": guest("4")})
    changes = difference(said, now, 7)
    assert changes is not None
    assert (changes.sequence, changes.host) == (7, None)
    assert {one.uuid for one in changes.guests} == {"2", "4"}
    assert changes.gone == ("3",)
    assert difference(now, now, 8) is None
    assert whole(Snapshot(), 1) is None


def command(name: str) -> Command:
    return Command(id=name, epoch=1, verb="diagnose")


def test_what_was_under_way_when_the_agent_died_is_told_as_interrupted(tmp_path: Path) -> None:
    results = Results(tmp_path)
    for name in ("one", "two"):
        results.begin(command(name))
    results.end(CommandResult(id="one", state="done", value={"a": 1}))
    again = Results(tmp_path)
    assert {one.id: one.state for one in again.unacknowledged()} == {
        "one": "done",
        "two": "interrupted",
    }
    again.acknowledge("one")
    assert [one.id for one in Results(tmp_path).unacknowledged()] == ["two"]
    known = Results(tmp_path).find("one")
    assert known is not None and known.value == {"a": 1}


def test_memory_of_commands_is_bounded_and_survives_damage(tmp_path: Path) -> None:
    results = Results(tmp_path, most=5)
    for number in range(9):
        results.begin(command(f"c{number}"))
        results.end(CommandResult(id=f"c{number}", state="done"))
    assert len(list(tmp_path.glob("*.json"))) == 5
    assert not results.is_known("c0") and results.is_known("c8")
    (tmp_path / "c8.json").write_text("{")
    assert not Results(tmp_path).is_known("c8")
