"""The bench of Agents: what one costs a host, and what 64 of them cost a Manager.

One real ``flexvdi-agent`` with a hundred simulated guests, connected to a real Manager; then 64
hosts with a hundred guests each that speak the protocol from inside the bench, at the pace of real
ones. ``python -m tests.lab.agent_bench`` prints the figures alone; ``make bench`` keeps them.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from agent.connection import Connection, dial, tls_context
from agent.protocol.inventory import GuestFacts, HostFacts
from agent.protocol.message import Part
from agent.protocol.statistics import GuestLoad, Load
from agent.protocol.to_agent import ToAgent
from agent.protocol.to_manager import Changes, Heartbeat, Hello, Inventory, Statistics
from host.membership_files import read_manager, read_member
from tests.lab.figures import MIB, Figure
from tests.lab.platform import LabHost, LabManager, wait_for

HOSTS, GUESTS = 64, 100
WATCHED = 60.0  # seconds over which an Agent is watched
SPOKEN = 40.0  # seconds that the 64 hosts speak
SAMPLES_EVERY, CHANGES_EVERY = 10.0, 5.0


def agent_figures() -> list[Figure]:
    """All of them."""
    with tempfile.TemporaryDirectory(prefix="flexvdi-agent-bench-") as folder:
        manager = LabManager(Path(folder) / "manager")
        manager.start()
        try:
            manager.wait_until_ready()
            return [*_one_agent(manager, Path(folder)), *_many_hosts(manager, Path(folder))]
        finally:
            manager.end()


def _one_agent(manager: LabManager, folder: Path) -> list[Figure]:
    host = LabHost(folder, "bench.lab", domains=GUESTS)
    host.join(manager.address, manager.make_token())
    began = time.monotonic()
    host.start()
    try:
        wait_for(lambda: manager.state_of(host.name) == "running", 60, "the Agent is connected")
        connected = time.monotonic() - began
        wait_for(lambda: len(manager.guests_of(host.name)) == GUESTS, 60, "all guests are known")
        before, at = host.processor_seconds(), time.monotonic()
        time.sleep(WATCHED)
        used = (host.processor_seconds() - before) / (time.monotonic() - at)
        return [
            Figure("Agent, from its start to a known host", connected, "s"),
            Figure(f"Agent's memory with {GUESTS} guests", host.resident() / MIB, "MiB", 80),
            Figure(f"Agent's processor with {GUESTS} guests", used * 100, "%", 1),
        ]
    finally:
        host.end()


def _many_hosts(manager: LabManager, folder: Path) -> list[Figure]:
    hosts = [LabHost(folder, f"host{number:02}.lab") for number in range(HOSTS)]
    for host in hosts:
        host.join(manager.address, manager.make_token())
    return asyncio.run(_speak(manager, hosts))


async def _speak(manager: LabManager, hosts: list[LabHost]) -> list[Figure]:
    delays: list[float] = []
    began = time.monotonic()
    async with contextlib.AsyncExitStack() as stack:
        speakers = []
        for host in hosts:
            connection = await stack.enter_async_context(_connected(host))
            speakers.append(asyncio.create_task(_one_host(connection, host.name, delays)))
        all_there = time.monotonic() - began
        before, at = manager.processor_seconds(), time.monotonic()
        await asyncio.sleep(SPOKEN)
        used = (manager.processor_seconds() - before) / (time.monotonic() - at)
        memory = manager.resident()
        for speaker in speakers:
            speaker.cancel()
        await asyncio.gather(*speakers, return_exceptions=True)
    known = sum(len(manager.guests_of(host.name)) for host in hosts)
    assert known == HOSTS * GUESTS, f"{known} guests are known"
    return [
        Figure(f"{HOSTS} hosts connect", all_there, "s"),
        Figure(f"Manager's memory, {HOSTS} hosts x {GUESTS} guests", memory / MIB, "MiB", 500),
        Figure("Manager's processor meanwhile", used * 100, "%"),
        Figure(
            "a host's answer to a ping, p95", statistics.quantiles(delays, n=20)[18] * 1000, "ms"
        ),
    ]


@contextlib.asynccontextmanager
async def _connected(host: LabHost) -> AsyncIterator[Connection]:
    member, manager = read_member(host.files), read_manager(host.files)
    assert member is not None and manager is not None
    folder = host.root / "etc/flexvdi/agent"
    hello = Hello(
        protocol="1.0",
        host_id=member.host_id,
        agent_version="bench",
        host_name=host.name,
        boot_id="bench",
        agent_start="bench",
    )
    context = tls_context(folder / "ca.crt", folder / "host.pem")
    async with dial(manager, context, hello) as connection:
        yield connection


async def _one_host(connection: Connection, name: str, delays: list[float]) -> None:
    facts = HostFacts(host_name=name, product="flexVDI", version="1", boot_id="b", booted_at=0)
    guests = tuple(
        GuestFacts(uuid=f"{name}/{number}"[-36:], name=f"desktop-{number}", state="running")
        for number in range(GUESTS)
    )
    waiting: asyncio.Queue[Part] = asyncio.Queue()

    async def heard(_message: ToAgent) -> None:
        return

    running = asyncio.create_task(connection.run(waiting.get, heard))
    try:
        waiting.put_nowait(Inventory(sequence=1, host=facts, guests=guests))
        sequence = 1
        while True:
            await asyncio.sleep(CHANGES_EVERY)
            sequence += 1
            state = "paused" if sequence % 2 else "running"
            changed = guests[sequence % GUESTS].model_copy(update={"state": state})
            waiting.put_nowait(Changes(sequence=sequence, guests=(changed,)))
            waiting.put_nowait(Heartbeat(at=time.time()))
            if sequence % int(SAMPLES_EVERY / CHANGES_EVERY) == 0:
                waiting.put_nowait(_sample(guests))
            asked = time.monotonic()
            await connection.ping()
            delays.append(time.monotonic() - asked)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _sample(guests: tuple[GuestFacts, ...]) -> Statistics:
    load = {"cpu": 0.3, "memory": 1 << 31, "received": 12345, "sent": 2345, "read": 9, "written": 8}
    return Statistics(
        at=time.time(),
        seconds=SAMPLES_EVERY,
        host=Load.model_validate(load),
        guests=tuple(GuestLoad(uuid=guest.uuid, **load) for guest in guests),
    )


if __name__ == "__main__":
    for figure in agent_figures():
        print(figure.row(), file=sys.stdout)
