"""A host's page, with all that a host can tell of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.protocol.inventory import CheckFacts, HostFacts, InterfaceFacts, StorageFacts
from agent.protocol.statistics import Load
from agent.protocol.to_manager import Statistics
from manager.access.role import Role
from manager.hosts.live import LiveHosts
from manager.hosts.states import HostState
from manager.hosts.tables import HostRow
from manager.services import Services
from tests.unit.manager_web.conftest import Visitor

GIB = 1024**3
FACTS = HostFacts(
    host_name="node1",
    product="flexVDI",
    version="0.1.0",
    boot_id="a-boot",
    booted_at=1_700_000_000.0,
    cpu_model="A processor",
    cpu_threads=32,
    memory=64 * GIB,
    accelerator="tcg",
    interfaces=(
        InterfaceFacts(name="eno1", kind="ethernet", link=True, speed=10_000, controller="office"),
        InterfaceFacts(name="eno2", kind="ethernet", link=False),
        InterfaceFacts(name="office", kind="bridge", link=True, addresses=("10.0.0.7/24",)),
    ),
    storages=(
        StorageFacts(name="images", kind="directory", state="active", size=100 * GIB, free=5 * GIB),
        StorageFacts(name="away", kind="nfs", state="failed", reason="The server is silent."),
    ),
    checks=(
        CheckFacts(name="clock", state="ok", reason="In step."),
        CheckFacts(name="memory", state="failed", reason="A module is broken.", remedy="Swap it."),
    ),
)


@pytest.fixture
def host(services: Services) -> str:
    now = services.clock()
    row: dict[str, Any] = {"reason": "", "remedy": "", "description": "", "epoch": 1}
    with services.database.writing() as session:
        session.add(
            HostRow(
                id="h1",
                name="node1",
                state=HostState.RUNNING.value,
                state_since=now,
                joined=now,
                joined_by="ana",
                facts=FACTS.model_dump(mode="json"),
                **row,
            )
        )
    live = services.part(LiveHosts)
    live.connect("h1", 1, "a-boot", lambda message: None, lambda: None)
    live.note(
        "h1", Statistics(at=now.timestamp(), seconds=10.0, host=Load(cpu=0.5, memory=16 * GIB))
    )
    return "h1"


def test_all_that_a_host_tells_is_shown(host: str, signed_in: Callable[[Role], Visitor]) -> None:
    answer = signed_in(Role.OPERATOR).get(f"/hosts/{host}")
    assert answer.status_code == 200
    for words in (
        "A processor",
        "emulated (TCG): slow",
        "up, 10000 Mbit/s",
        "port of office",
        "10.0.0.7/24",
        "95 GiB of 100 GiB",
        "The server is silent.",
        "A module is broken.",
        "Swap it.",
        "16 GiB of 64 GiB",
    ):
        assert words in answer.text, words
    assert 'class="meter bad"' in answer.text, "a storage that is nearly full"


def test_what_is_broken_on_a_host_is_on_the_overview(
    host: str, signed_in: Callable[[Role], Visitor]
) -> None:
    text = signed_in(Role.READ_ONLY).get("/").text
    assert "A module is broken." in text and "Swap it." in text
    assert "In step." not in text


def test_the_list_shows_how_busy_it_is(host: str, signed_in: Callable[[Role], Visitor]) -> None:
    text = signed_in(Role.READ_ONLY).get("/hosts").text
    assert "50 %" in text and "25 %" in text
    assert 'class="trace series-1"' in text
