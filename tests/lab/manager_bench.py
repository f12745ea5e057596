"""The Manager under load: a real process with 64 hosts and 5,000 guests in its database.

Run alone with ``python -m tests.lab.manager_bench``.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from uuid import UUID

from manager.database.engine import Database
from manager.events.tables import EventRow
from manager.guests.tables import GuestRow
from manager.hosts.tables import HostRow
from tests.integration.manager.serving import PASSWORD, ServedManager, served
from tests.lab.figures import MIB, Figure

HOSTS, GUESTS, EVENTS = 64, 5000, 20_000
READS = 400
IDLE_SECONDS = 30.0
MIXED, CLIENTS, RATE = 4000, 8, 200
# One round of what a dashboard, a monitoring system and a script ask for; every tenth writes.
ROUND = (
    *("/api/v1/hosts", "/api/v1/tasks", "/api/v1/session", "/api/v1/guests", "/api/v1/events"),
    *("/api/v1/guests/count", "/health", "/api/v1/hosts", "/api/v1/settings"),
)


class Caller:
    """One client with one connection, as a browser has it."""

    def __init__(self, manager: ServedManager, token: str) -> None:
        context = ssl.create_default_context(cafile=str(manager.ca_file))
        self._connection = http.client.HTTPSConnection(
            "127.0.0.1", manager.port, context=context, timeout=60
        )
        self._headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}

    def ask(self, method: str, path: str, body: object = None) -> float:
        """Seconds that the answer took; fails on anything but success."""
        sent = json.dumps(body).encode() if body is not None else None
        started = time.perf_counter()
        self._connection.request(method, path, sent, self._headers)
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status < 300, (path, answer.status)
        return time.perf_counter() - started


def manager_figures() -> list[Figure]:
    """Reads, lists, mixed load, and what the process needs of memory."""
    with tempfile.TemporaryDirectory(prefix="flexvdi-manager-bench-") as folder:
        with served(Path(folder) / "state") as manager:
            client = manager.signed_in("root", PASSWORD)
            new = {"name": "bench", "role": "admin"}
            token = str(client.post("/api/v1/tokens", json=new).json()["secret"])
            resting = idle(manager)
            fill(manager)
            caller = Caller(manager, token)
            figures = [
                resting,
                _p95("manager: a small read", 50, caller, lambda _: "/api/v1/session"),
                _p95("manager: a page of tasks", 50, caller, lambda _: "/api/v1/tasks"),
                _p95("manager: a page of events", 50, caller, lambda _: "/api/v1/events"),
                _p95(f"manager: {HOSTS} hosts", 300, caller, lambda _: "/api/v1/hosts?size=100"),
                _p95("manager: 500 of 5,000 guests", 300, caller, _guests_page),
                _p95(
                    "manager: guests by a part of the name",
                    300,
                    caller,
                    lambda number: f"/api/v1/guests?size=100&name=lab-{number % 90}",
                ),
            ]
            figures += mixed(manager, token)
            figures.append(Figure("manager: resident memory", _resident(manager), "MiB", 476.8))
    return figures


def fill(manager: ServedManager) -> None:
    """Write the rows that Agents would have told."""
    database = Database(f"sqlite:///{manager.state / 'manager.sqlite'}")
    now = datetime.now(UTC)
    with database.writing() as session:
        for number in range(HOSTS):
            session.add(
                HostRow(
                    id=str(UUID(int=number + 1)),
                    name=f"host-{number:02}",
                    state="running",
                    state_since=now,
                    joined=now,
                    joined_by="bench",
                    last_seen=now,
                )
            )
        for number in range(GUESTS):
            session.add(
                GuestRow(
                    id=str(UUID(int=number + 1_000_000)),
                    host=str(UUID(int=number % HOSTS + 1)),
                    name=f"lab-{number % 90}-desktop-{number:04}",
                    state=("running", "off", "paused")[number % 3],
                    state_since=now,
                    vcpus=2,
                    memory=4096 * MIB,
                    autostart=False,
                )
            )
        for number in range(EVENTS):
            session.add(
                EventRow(
                    time=now,
                    kind="guest.state",
                    subject=f"guest:{number % GUESTS}",
                    severity="info",
                    text="A guest has another state.",
                    data={},
                )
            )
    database.close()


def mixed(manager: ServedManager, token: str) -> list[Figure]:
    """Offer 200 requests a second, whatever the answers take; see how long they take then."""
    begin = time.perf_counter() + 0.2
    processor = _processor_seconds(manager)

    def client(which: int) -> list[float]:
        caller = Caller(manager, token)
        taken = []
        for number in range(which, MIXED, CLIENTS):
            due = begin + number / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            if number % 10 == 9:
                body = {"keep_days": 700 + number % 20}
                caller.ask("PATCH", "/api/v1/settings/audit", body)
            else:
                caller.ask("GET", ROUND[number % 10])
            # From when it was due: waiting behind others counts.
            taken.append(time.perf_counter() - due)
        return taken

    with ThreadPoolExecutor(CLIENTS) as threads:
        taken = sorted(chain.from_iterable(threads.map(client, range(CLIENTS))))
    seconds = time.perf_counter() - begin
    processor = _processor_seconds(manager) - processor
    return [
        Figure("manager: processor time of a mixed request", processor / MIXED * 1000, "ms"),
        Figure(f"manager: {MIXED} mixed requests at {RATE}/s", seconds, "s", MIXED / RATE * 1.02),
        Figure("manager: mixed requests, median", taken[len(taken) // 2] * 1000, "ms"),
        Figure("manager: mixed requests, p95", taken[-len(taken) // 20] * 1000, "ms", 50),
    ]


def idle(manager: ServedManager) -> Figure:
    """What a Manager takes that nobody asks for anything: it shares its host with desktops."""
    before = _processor_seconds(manager)
    time.sleep(IDLE_SECONDS)
    share = (_processor_seconds(manager) - before) / IDLE_SECONDS
    return Figure("manager: idle, of one core", share * 100, "%", 2)


def _p95(name: str, goal: float, caller: Caller, path: Callable[[int], str]) -> Figure:
    for number in range(10):
        caller.ask("GET", path(number))
    taken = sorted(caller.ask("GET", path(number)) for number in range(READS))
    return Figure(f"{name}, p95", taken[-READS // 20] * 1000, "ms", goal)


def _guests_page(number: int) -> str:
    """A page of 500 for each host in turn, then of all."""
    states = ("running", "off", "paused", "")
    state = states[number % len(states)]
    return "/api/v1/guests?size=500" + (f"&state={state}" if state else "")


def _processor_seconds(manager: ServedManager) -> float:
    assert manager.process is not None
    fields = Path(f"/proc/{manager.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(manager: ServedManager) -> float:
    assert manager.process is not None
    for line in Path(f"/proc/{manager.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


if __name__ == "__main__":
    print("\n".join(figure.row() for figure in manager_figures()))
