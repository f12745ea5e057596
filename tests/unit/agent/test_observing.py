"""What is known of the host stays known while a part of it does not answer."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from agent.observing import Observer
from agent.places import storages_of
from host.backends.simulated.backend import SimulatedHost
from tests.unit.config_tui.screens import EXAMPLES


@pytest.fixture
def host(tmp_path: Path) -> SimulatedHost:
    path = tmp_path / "host.json"
    path.write_text(json.dumps({"hostname": "a", "version": "1", "domains": 3}))
    host = SimulatedHost(path)
    assert host.machine
    return host


def test_facts_guests_and_load(host: SimulatedHost) -> None:
    async def run() -> None:
        observer = Observer(host)
        await observer.look_at_host()
        await observer.look_at_guests()
        first = observer.snapshot
        assert first.host is not None and first.host.cpu_threads == 64
        assert len(first.guests) == 3
        assert observer.statistics(0.0) is None
        await asyncio.sleep(0.01)
        await observer.look_at_guests()
        statistics = observer.statistics(1.0)
        assert statistics is not None
        assert statistics.host.cpu == pytest.approx(0.25, abs=0.01)
        assert len(statistics.guests) == 3
        assert observer.snapshot.host is first.host  # nothing changed: nothing is said

    asyncio.run(run())


def test_a_libvirt_that_fails_degrades_the_host_and_forgets_no_guest(host: SimulatedHost) -> None:
    async def run() -> None:
        observer = Observer(host)
        await observer.look_at_host()
        await observer.look_at_guests()
        host.faults["guests.sample"] = "libvirt does not answer."
        await observer.look_at_guests()
        now = observer.snapshot
        assert now.host is not None and now.host.degraded == ("libvirt does not answer.",)
        assert len(now.guests) == 3
        host.faults.clear()
        await observer.look_at_guests()
        now = observer.snapshot
        assert now.host is not None and now.host.degraded == ()

    asyncio.run(run())


def test_places_for_images_are_told_in_steps_and_survive_a_silent_daemon(tmp_path: Path) -> None:
    path = tmp_path / "hospital.json"
    facts = json.loads((EXAMPLES / "hospital.json").read_text())
    path.write_text(json.dumps(facts))
    host = SimulatedHost(path)
    assert host.machine
    told = {one.name: one for one in storages_of(host)}
    assert told
    for one in told.values():
        if one.size is not None and one.free is not None:
            assert one.free % max(one.size // 200, 1) == 0
    host.faults["mounts.table"] = "It hangs."
    host.faults["pools"] = "It hangs."
    assert all(one.state for one in storages_of(host))
