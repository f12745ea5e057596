"""The system bus as it is when all goes wrong: gone, silent, busy."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from host.backends.real.bus import Bus, BusFailure


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "bus"
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={path}")
    return path


def test_no_bus_is_told_at_once(place: Path) -> None:
    with pytest.raises(BusFailure, match="does not answer"):
        Bus(timeout=3600)


def test_a_silent_bus_gets_the_whole_time(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(place))
        silent.listen()
        begun = time.monotonic()
        with pytest.raises(BusFailure, match="does not answer"):
            Bus(timeout=1.5)
        assert time.monotonic() - begun >= 1.5
