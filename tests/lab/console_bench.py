"""The bench of flexVDI Config: how soon it is there, how fast it answers, what it takes.

It runs on the machine itself, without emulation, on a pseudo-terminal as a person would: the
simulated host answers at once, so that what is measured is the console. ``python -m
tests.lab.console_bench`` prints the figures alone; ``make bench`` keeps them with the others.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from foundation.failure import Failure
from host.backends.simulated.backend import SimulatedHost
from host.document.model import HostDocument
from tests.lab.figures import MIB, Figure
from tests.lab.places import REPOSITORY

MACHINE = REPOSITORY / "host/backends/simulated/examples/hospital.json"
ROUNDS = 5
KEYS = (b"\x1b[B", b"\x1b[A") * 60  # walks the menu, which looks at every page it passes over
LINKS = 64
LUNS = 500
_PATIENCE = 60.0  # seconds until something is wrong rather than slow


@dataclass
class OnTerminal:
    """flexVDI Config on a pseudo-terminal: ``descriptor`` is our end of it."""

    pid: int
    descriptor: int

    def wait_for(self, words: bytes) -> None:
        """Read until ``words`` were written; raises Failure."""
        seen = b""
        deadline = time.monotonic() + _PATIENCE
        while words not in seen:
            if time.monotonic() > deadline:
                raise Failure(f"The console never showed {words.decode()!r}.")
            seen += self.read(0.1)

    def read(self, seconds: float) -> bytes:
        """What is written within so many seconds; empty when nothing is."""
        if not select.select([self.descriptor], [], [], seconds)[0]:
            return b""
        return os.read(self.descriptor, 1 << 16)

    def rest(self, quiet: float = 0.15) -> None:
        """Read until nothing was written for ``quiet`` seconds."""
        while self.read(quiet):
            pass

    def answer_time(self, key: bytes) -> float:
        """Seconds from a key to the first of what it changes on the screen."""
        started = time.monotonic()
        os.write(self.descriptor, key)
        if not self.read(_PATIENCE):
            raise Failure("The console does not answer keys.")
        return time.monotonic() - started

    def memory(self) -> int:
        """Bytes that are the console's own (proportional set size)."""
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
        return int(line.split()[1]) * 1024


@contextmanager
def on_terminal() -> Iterator[OnTerminal]:
    """flexVDI Config on a pseudo-terminal of 80x24; ended at the end."""
    pid, descriptor = pty.fork()
    if pid == 0:
        os.chdir(REPOSITORY)
        command = [sys.executable, "-m", "config_tui.command_line", "--simulate", str(MACHINE)]
        os.execve(sys.executable, command, {**os.environ, "TERM": "linux", "LANG": "C.UTF-8"})
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    try:
        yield OnTerminal(pid, descriptor)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(descriptor)


def first_screen_seconds() -> float:
    """From the start of the program to its first picture."""
    started = time.monotonic()
    with on_terminal() as console:
        console.wait_for(b"flexVDI Config")
        return time.monotonic() - started


def key_seconds() -> tuple[float, int]:
    """How long answers to keys take (95 % take less), and the memory then taken in bytes."""
    with on_terminal() as console:
        console.wait_for(b"flexVDI Config")
        console.rest(1.0)
        times = []
        for key in KEYS:
            times.append(console.answer_time(key))
            console.rest(0.05)
        return statistics.quantiles(times, n=20)[-1], console.memory()


def large_machine() -> dict[str, object]:
    """A machine with many links and LUNs, all of them in its document."""
    ports = range(LINKS)
    interfaces = [
        {"name": f"eth{n}", "kind": "ethernet", "mac": f"52:54:00:00:01:{n:02x}", "link": True}
        for n in ports
    ]
    disks = [
        {
            "path": f"/dev/sd{n}",
            "name": f"sd{n}",
            "size": 1 << 40,
            "wwid": f"3600140500000{n:04x}",
        }
        for n in range(LUNS)
    ]
    return {
        "hostname": "large.example",
        "product": "flexVDI",
        "version": "0.1.0",
        "management": "eth0",
        "interfaces": interfaces,
        "disks": disks,
    }


def large_document() -> HostDocument:
    """A document that describes the links and names the LUNs of the large machine."""
    links = [
        {
            "name": f"eth{n}",
            "kind": "ethernet",
            "mac": f"52:54:00:00:01:{n:02x}",
            "ipv4": {"method": "manual", "addresses": [f"10.{n}.0.13/24"]},
        }
        for n in range(LINKS)
    ]
    aliases = [{"name": f"lun{n}", "wwid": f"3600140500000{n:04x}"} for n in range(LUNS)]
    return HostDocument.model_validate(
        {
            "network": {"interfaces": links, "management": "eth0"},
            "storage": {"multipath": {"enabled": True, "aliases": aliases}},
        }
    )


def plan_seconds() -> float:
    """How long the plan of a host with many links and LUNs takes; the middle of some rounds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.json"
        path.write_text(json.dumps(large_machine()))
        host = SimulatedHost(path)
        document = large_document()
        times = []
        for _round in range(ROUNDS):
            started = time.monotonic()
            found = host.plan(document)
            times.append(time.monotonic() - started)
        if found.is_empty:
            raise Failure("There was nothing to plan, so there is nothing to measure.")
        return statistics.median(times)


def console_figures() -> list[Figure]:
    """All of them, with their goals."""
    first = statistics.median(first_screen_seconds() for _round in range(ROUNDS))
    keys, memory = key_seconds()
    planned = plan_seconds()
    return [
        Figure("console, first screen", first * 1000, "ms", 500),
        Figure("console, key to redraw, 95 % within", keys * 1000, "ms", 30),
        Figure("console, memory", memory / MIB, "MiB", 60),
        Figure(f"plan of {LINKS} links and {LUNS} LUNs", planned * 1000, "ms", 200),
    ]


if __name__ == "__main__":
    print("\n".join(figure.row() for figure in console_figures()))
