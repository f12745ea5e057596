"""Commands are carried out once, in their epoch, and can be cancelled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from agent.executor import Executor
from agent.protocol.to_agent import Command
from agent.protocol.to_manager import CommandProgress, CommandResult
from agent.results import Results
from host.backends.simulated.backend import SimulatedHost

DOCUMENT = {
    "version": 1,
    "network": {
        "interfaces": [{"kind": "ethernet", "name": "eno1"}, {"kind": "ethernet", "name": "eno2"}]
    },
}
Said = list[CommandProgress | CommandResult]


@pytest.fixture
def host(tmp_path: Path) -> SimulatedHost:
    path = tmp_path / "host.json"
    facts = {"hostname": "a", "version": "1", "guests": 2, "domains": 2, "document": DOCUMENT}
    path.write_text(json.dumps(facts))
    host = SimulatedHost(path)
    assert host.machine
    return host


def carried_out(
    host: SimulatedHost, folder: Path, act: Callable[[Executor], Coroutine[Any, Any, None]]
) -> Said:
    """What an executor in epoch 3 says while ``act`` uses it."""
    said: Said = []

    async def run() -> None:
        executor = Executor(host, Results(folder / "commands"), said.append, lambda seconds: True)
        executor.epoch = 3
        await act(executor)

    asyncio.run(asyncio.wait_for(run(), 20))
    return said


def command(verb: str, known_as: str = "c1", epoch: int = 3, **arguments: Any) -> Command:
    return Command(id=known_as, epoch=epoch, verb=verb, arguments=arguments, who="ana", timeout=10)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


def results(said: Said) -> list[CommandResult]:
    return [one for one in said if isinstance(one, CommandResult)]


def test_a_command_acts_on_the_host_once(host: SimulatedHost, tmp_path: Path) -> None:
    said: Said = []

    async def act(executor: Executor) -> None:
        executor._say = said.append
        for count in (1, 2):
            executor.begin(command("maintenance.enter", reason="new memory"))
            await until(lambda count=count: len(results(said)) == count)  # type: ignore[misc]

    carried_out(host, tmp_path, act)
    assert [one.state for one in results(said)] == ["done", "done"]
    known = host.maintenance()
    assert known is not None and known.reason == "new memory" and "ana" in known.who
    entered = [call for call in host.simulation.changes_made if call == "files.put"]
    assert len(entered) == 2  # the note and libvirt-guests' setting, once


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (command("maintenance.leave", epoch=2), "epoch 2"),
        (command("from-the-future"), "knows no command"),
        (command("maintenance.enter"), "does not fit"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_not_remembered(
    host: SimulatedHost, tmp_path: Path, asked: Command, words: str
) -> None:
    async def act(executor: Executor) -> None:
        executor.begin(asked)

    (refused,) = results(carried_out(host, tmp_path, act))
    assert refused.state == "refused"
    assert refused.failure is not None and words in refused.failure.cause
    assert not list((tmp_path / "commands").iterdir())


def test_guests_keep_a_host_up_unless_they_may_be_stopped(
    host: SimulatedHost, tmp_path: Path
) -> None:
    said: Said = []

    async def act(executor: Executor) -> None:
        executor._say = said.append
        executor.begin(command("power.reboot", "c1", reason="kernel"))
        await until(lambda: len(results(said)) == 1)
        executor.begin(command("power.reboot", "c2", reason="kernel", with_guests=True))
        await until(lambda: len(results(said)) == 2)

    carried_out(host, tmp_path, act)
    first, second = results(said)
    assert first.state == "failed" and first.failure
    assert first.failure.cause == "Guests run on this host: 2."
    assert second.state == "done"
    assert host.calls == ["reboot: kernel"]


def test_a_waiting_command_can_be_cancelled(host: SimulatedHost, tmp_path: Path) -> None:
    import threading

    gate = host.held["guests.act"] = threading.Event()
    uuid = next(iter(host.machine.guest_watch.guests))  # type: ignore[attr-defined]
    said: Said = []

    async def act(executor: Executor) -> None:
        executor._say = said.append
        for number in range(5):  # four at a time
            executor.begin(command("guest.force-off", f"c{number}", uuid=uuid))
        await asyncio.sleep(0)
        executor.cancel("c4")
        gate.set()
        await until(lambda: len(results(said)) == 5)

    carried_out(host, tmp_path, act)
    assert {one.id: one.state for one in results(said)}["c4"] == "cancelled"


def test_a_bridge_is_made_once_and_confirmed(host: SimulatedHost, tmp_path: Path) -> None:
    said: Said = []

    async def act(executor: Executor) -> None:
        executor._say = said.append
        for count, name in enumerate(("c1", "c2"), 1):
            executor.begin(command("bridge.create", name, name="br-lab"))
            await until(lambda count=count: len(results(said)) == count)  # type: ignore[misc]

    carried_out(host, tmp_path, act)
    assert [one.failure for one in results(said)] == [None, None]
    assert [one.value for one in results(said)] == [{"created": True}, {"created": False}]
    assert host.document().network.interface("br-lab") is not None
    assert host.pending() is None


def test_a_bridge_does_not_take_a_hosts_addresses_along(
    host: SimulatedHost, tmp_path: Path
) -> None:
    said: Said = []

    async def act(executor: Executor) -> None:
        executor._say = said.append
        executor.begin(command("bridge.create", name="br-lab", port="eno1"))
        await until(lambda: len(results(said)) == 1)

    carried_out(host, tmp_path, act)
    (failed,) = results(said)
    assert failed.failure is not None and "carries addresses" in failed.failure.cause
