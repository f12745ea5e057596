"""What the tests of the engine share: machines, a machinery of small real steps, an engine."""

from __future__ import annotations

import functools
import queue
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from machines import machine_with_two_disks

from foundation.failure import Failure
from foundation.kernel_command_line import KernelCommandLine
from installer.answers.fetch import Fetcher
from installer.engine.client import EngineClient
from installer.engine.conductor import Conductor
from installer.engine.events import Event as EngineEvent
from installer.engine.events import Status, after
from installer.engine.hub import Hub
from installer.engine.installer_log import keep_log
from installer.engine.machinery import Examination, Record
from installer.engine.server import Server
from installer.engine.simulation import simulated_manifest, simulated_release
from installer.engine.step import InstallContext, Step
from installer.machine.model import Machine
from installer.storage.layout import Layout
from kickstart.install_plan import InstallPlan
from kickstart.reading import read_kickstart

PATIENCE = 120.0


@functools.cache
def _read_once(text: str) -> InstallPlan:
    """The plan of a kickstart; the reader's process is started once for each text."""
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write(text)
        file.flush()
        return read_kickstart(Path(file.name))


@dataclass
class BenchMachinery:
    """A machine on which steps are ordinary functions on a folder, and nothing else is real."""

    folder: Path
    steps: tuple[Step, ...]
    arguments: str = "inst.countdown=0"
    machine: Machine = field(default_factory=machine_with_two_disks)
    failures: tuple[Failure, ...] = ()
    power_actions: list[str] = field(default_factory=list)
    error_scripts: list[str] = field(default_factory=list)

    @property
    def command_line(self) -> KernelCommandLine:
        return KernelCommandLine.parse(self.arguments)

    def probe(self) -> Machine:
        return self.machine

    def fetcher(self, machine: Machine, say: Callable[[str], None], cancel: Event) -> Fetcher:
        return Fetcher(say=say, cancel=cancel, devices=self.folder / "dev", pauses=(0.01, 0.01))

    def read_kickstart(
        self, path: Path, origin: str, say: Callable[[str], None], cancel: Event
    ) -> InstallPlan:
        return _read_once(path.read_text())

    def unpacked_size(self) -> int:
        return 2 << 30

    def examine(self, plan: InstallPlan, machine: Machine) -> Examination:
        if self.failures:
            return Examination(self.failures)
        return Examination((), Layout(), "Will be erased:\n  nothing")

    def prepare(
        self, plan: InstallPlan, machine: Machine, layout: Layout, cancel: Event, record: Record
    ) -> tuple[InstallContext, tuple[Step, ...]]:
        record.manifest, record.release = simulated_manifest(), simulated_release()
        context = InstallContext(
            plan=plan,
            machine=machine,
            layout=layout,
            medium=self.folder,
            manifest=record.manifest,
            release=record.release,
            kernel_command_line=self.command_line,
            target=self.folder / "target",
            cancel=cancel,
        )
        return context, self.steps

    def run_error_scripts(self, plan: InstallPlan, say: Callable[[str], None]) -> None:
        self.error_scripts.extend(s.text for s in plan.scripts if s.stage == "onerror")

    def forward_log(self, host: str, port: int) -> None:
        raise OSError(f"no way to {host}:{port}")

    def power(self, action: str, eject: bool) -> None:
        self.power_actions.append(action)


class Watcher:
    """A console for tests: a real client whose events are folded into a status."""

    def __init__(self, path: Path) -> None:
        self.events: list[EngineEvent] = []
        self.status = Status()
        self._news: queue.Queue[EngineEvent | None] = queue.Queue()
        self.client = EngineClient(path, self._news.put)

    def until(self, holds: Callable[[Status], bool]) -> Status:
        """Take in events until ``holds`` is true of the status; fails when the engine goes away."""
        while not holds(self.status):
            event = self._news.get(timeout=PATIENCE)
            assert event is not None, f"the engine went away; last: {self.status}"
            self.events.append(event)
            self.status = after(self.status, event)
        return self.status

    def until_state(self, state: str, choice: str = "") -> Status:
        return self.until(lambda s: s.state == state and (not choice or choice in s.choices))


@dataclass
class Bench:
    """An engine at work on a bench machinery, with its socket."""

    machinery: BenchMachinery
    socket: Path
    folder: Path
    thread: Thread
    hub: Hub

    def watcher(self) -> Watcher:
        return Watcher(self.socket)


@pytest.fixture
def start_bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    servers: list[Server] = []

    def start(machinery: BenchMachinery, kickstart: str = "") -> Bench:
        folder = tmp_path / "run"
        folder.mkdir(exist_ok=True)
        hub = Hub()
        log_path = keep_log(folder, hub.redact)
        conductor = Conductor(machinery, hub, folder, log_path, kickstart)
        server = Server(tmp_path / f"s{len(servers)}", hub, conductor.handle)
        servers.append(server)
        thread = Thread(target=conductor.conduct, daemon=True)
        thread.start()
        return Bench(machinery, tmp_path / f"s{len(servers) - 1}", folder, thread, hub)

    yield start
    for server in servers:
        server.close()
