"""Adding hosts up, and telling the same thing once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from agent.protocol.statistics import Load
from manager.hosts.finding import Host
from manager.hosts.states import HostState
from manager.web.overview import Attention, noticed, platform_of

NOW = datetime.now(UTC)


def host(name: str, **facts: Any) -> Host:
    known: dict[str, Any] = {
        "id": name, "name": name, "description": "", "state": HostState.RUNNING, "reason": "",
        "remedy": "", "state_since": NOW, "connected": True, "address": "", "agent_version": "",
        "joined": NOW, "joined_by": "", "last_seen": NOW, "cpu_threads": 10, "memory": 1000,
        "guests": 3, "guests_running": 2, "load": Load(cpu=0.5, memory=400), "version": 1,
    }  # fmt: skip
    return Host(**(known | facts))


def test_large_hosts_count_for_more() -> None:
    small = host("a", cpu_threads=10, load=Load(cpu=1.0, memory=0))
    large = host("b", cpu_threads=90, load=Load(cpu=0.0, memory=1000))
    found = platform_of([small, large])
    assert found.cpu == pytest.approx(0.1)
    assert found.memory_share == pytest.approx(0.5)


def test_what_is_not_heard_of_does_not_count_as_idle() -> None:
    away = host("b", connected=False, state=HostState.UNAVAILABLE, load=Load(cpu=0.0))
    found = platform_of([host("a"), away])
    assert found.cpu == pytest.approx(0.5)
    assert (found.hosts, found.running, found.others) == (2, 1, "1 unavailable")


def test_without_hosts_nothing_is_known() -> None:
    found = platform_of([])
    assert found.cpu is None and found.memory_share is None


def test_the_same_thing_of_several_hosts_is_told_once_and_the_worst_first() -> None:
    found = noticed(
        [
            Attention("warn", "/hosts/a", "a", "A bridge is missing."),
            Attention("warn", "/hosts/b", "b", "A bridge is missing."),
            Attention("bad", "/hosts/c", "c", "It is away."),
        ]
    )
    assert [(each.kind, len(each.about)) for each in found] == [("bad", 1), ("warn", 2)]
