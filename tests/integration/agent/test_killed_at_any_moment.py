"""Killing Manager, Agents and database: after a restart the states agree within two minutes."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from manager.hosts.tables import HostCommandRow
from tests.lab.platform import LabHost, LabManager, wait_for
from tests.lab.postgresql import LabPostgresql, programs

AGREED_WITHIN = 120.0
ROUNDS = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[LabPostgresql | None]:
    if request.param == "sqlite":
        yield None
        return
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    server = LabPostgresql()
    server.start()
    yield server
    server.end()


@pytest.fixture
def manager(tmp_path: Path, database: LabPostgresql | None) -> Iterator[LabManager]:
    manager = LabManager(tmp_path / "manager", database.url if database is not None else "")
    manager.start()
    try:
        manager.wait_until_ready()
        yield manager
    finally:
        manager.end()


@pytest.fixture
def hosts(tmp_path: Path, manager: LabManager) -> Iterator[list[LabHost]]:
    hosts = [LabHost(tmp_path, f"node{number}.lab", domains=20) for number in (1, 2, 3)]
    for host in hosts:
        host.join(manager.address, manager.make_token())
        host.start()
    try:
        wait_for(lambda: agree(manager, hosts), 60, "all hosts run")
        yield hosts
    finally:
        for host in hosts:
            host.end()


def agree(manager: LabManager, hosts: list[LabHost]) -> bool:
    """Whether Manager and hosts tell the same of each host, and of its guests."""
    return all(
        manager.state_of(host.name) == "running"
        and host.report().get("state") == "connected"
        and set(manager.guests_of(host.name).values()) == {"running"}
        and len(manager.guests_of(host.name)) == 20
        for host in hosts
    )


def test_states_agree_after_anything_was_killed(
    manager: LabManager, hosts: list[LabHost], database: LabPostgresql | None
) -> None:
    chance = random.Random(7)  # the same moments each time, as far as machines allow
    for _round in range(ROUNDS):
        time.sleep(chance.uniform(0, 1.5))  # the moment is what is tried
        victims = chance.sample(["manager", "agents", "database"], 2)
        if "manager" in victims:
            manager.kill()
        if "agents" in victims:
            for host in hosts:
                host.kill()
        if "database" in victims and database is not None:
            database.kill()
            database.start()
        if "agents" in victims:
            for host in hosts:
                host.start()
        if "manager" in victims:
            manager.start()
        began = time.monotonic()
        wait_for(lambda: agree(manager, hosts), AGREED_WITHIN, f"agreement after {victims}")
        print(f"{' and '.join(victims)}: agreed after {time.monotonic() - began:.1f} s")


def test_the_database_may_be_away_for_a_while(
    manager: LabManager, hosts: list[LabHost], database: LabPostgresql | None
) -> None:
    if database is None:
        pytest.skip("SQLite is a file")
    database.kill()
    hosts[0].kill()
    hosts[0].start()  # it is refused, or cut off, and tries again
    time.sleep(5)
    database.start()
    wait_for(lambda: agree(manager, hosts), AGREED_WITHIN, "agreement")


def make_task(manager: LabManager, host: str, command: str) -> None:
    """A command of a task, as a task's step writes it down."""
    with manager.database.writing() as session:
        row = manager.host(host)
        assert row is not None
        session.add(
            HostCommandRow(
                id=command,
                host=row.id,
                verb="maintenance.enter",
                arguments={"reason": "a test"},
                who="tester",
                created=row.joined,
                timeout=180,
                state="waiting",
            )
        )


def test_a_command_is_carried_out_once_whoever_is_killed(
    manager: LabManager, hosts: list[LabHost]
) -> None:
    host = hosts[0]
    make_task(manager, host.name, "task1.maintenance.enter.1")
    manager.kill()  # it has not been said yet
    manager.start()

    def ended() -> str | None:
        with manager.database.reading() as session:
            row = session.get(HostCommandRow, "task1.maintenance.enter.1")
            return row.state if row is not None and row.state != "waiting" else None

    assert wait_for(ended, AGREED_WITHIN, "the command has ended") == "done"
    wait_for(lambda: manager.state_of(host.name) == "maintenance", 60, "its state follows")
    manager.kill()
    manager.start()
    wait_for(lambda: manager.state_of(host.name) == "maintenance", 60, "it is so again")
    noted = list((host.root / "var/lib/flexvdi/agent/commands").glob("*.json"))
    assert [path.stem for path in noted] == ["task1.maintenance.enter.1"]
