"""What systemd is told by a Manager that serves."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from manager.background import service_watchdog
from manager.background.service_watchdog import run

SERVICES: Any = None


async def told(line: socket.socket, count: int) -> list[str]:
    line.setblocking(False)
    loop = asyncio.get_running_loop()
    return [(await asyncio.wait_for(loop.sock_recv(line, 100), 10)).decode() for _ in range(count)]


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_that_it_is_ready_and_then_that_it_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool
) -> None:
    place = f"@{tmp_path.name}-{id(tmp_path)}" if abstract else str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", place)
    monkeypatch.setenv("WATCHDOG_USEC", "30000")

    turns = iter((0, 60, 60, *(61,) * 100))  # of seconds: the first turn of the loop is a long one
    monkeypatch.setattr(service_watchdog, "monotonic", lambda: next(turns))

    async def watch() -> list[str]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.bind(f"\0{place[1:]}" if abstract else place)
            telling = asyncio.create_task(run(SERVICES))
            heard = await told(line, 7)
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            return heard

    longer, usual, lives = "WATCHDOG_USEC=1800000000", "WATCHDOG_USEC=30000", "WATCHDOG=1"
    assert asyncio.run(watch()) == ["READY=1", longer, lives, lives, lives, usual, lives]


def test_without_systemd_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    asyncio.run(run(SERVICES))


def test_without_a_watchdog_it_is_ready_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        asyncio.run(run(SERVICES))
        assert line.recv(100) == b"READY=1"
