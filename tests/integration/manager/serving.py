"""A real ``flexvdi-manager serve`` process for tests."""

from __future__ import annotations

import contextlib
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.lab.sockets import free_port

REPOSITORY = Path(__file__).parents[3]
PASSWORD = "correct horse battery staple"


@dataclass
class ServedManager:
    """One Manager: where its state is, how it is reached; started and killed as often as needed."""

    state: Path
    database: str = ""
    port: int = field(default_factory=free_port)
    agents_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    # What is run: the command itself, or it with parts of the tests' own.
    program: tuple[str, ...] = ("-m", "manager")

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca_file(self) -> Path:
        return self.state / "certificates" / "ca.crt"

    @property
    def log_file(self) -> Path:
        return self.state.parent / f"{self.state.name}.log"

    def start(self, *, wait: bool = True) -> None:
        argv = [sys.executable, *self.program, "serve", "--state", str(self.state)]
        argv += ["--listen", f"127.0.0.1:{self.port}", "--agents", f"127.0.0.1:{self.agents_port}"]
        if self.database:
            argv += ["--database", self.database]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(argv, stdout=log, stderr=log, cwd=REPOSITORY)
        if wait:
            self.wait_until_up()

    def wait_until_up(self, patience: float = 180) -> None:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, self.log_file.read_text()[-3000:]
            with contextlib.suppress(httpx.HTTPError, OSError):
                with self.client() as client:
                    if client.get("/health").status_code in (200, 503):
                        return
            time.sleep(0.05)
        raise AssertionError("the Manager did not answer: " + self.log_file.read_text()[-3000:])

    def client(self) -> httpx.Client:
        """A client that trusts the Manager's own CA alone."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        return httpx.Client(base_url=self.url, verify=context, timeout=20, trust_env=False)

    def signed_in(self, name: str = "root", password: str = PASSWORD) -> httpx.Client:
        """A client of an administrator's; the first one is created if there is none."""
        client = self.client()
        if not client.get("/health").json()["setup_done"]:
            secret = (self.state / "setup-secret").read_text().strip()
            body = {"secret": secret, "name": name, "password": password}
            client.post("/api/v1/setup", json=body).raise_for_status()
        answer = client.post("/api/v1/session", json={"name": name, "password": password})
        answer.raise_for_status()
        client.headers["x-csrf-token"] = answer.json()["csrf"]
        return client

    def kill(self) -> None:
        """SIGKILL: as a power cut."""
        self._signal(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM, as systemd does; the exit status."""
        return self._signal(signal.SIGTERM)

    def _signal(self, sign: signal.Signals) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(sign)
        status = self.process.wait(30)
        self.process = None
        return status


def until(condition: Callable[[], object], what: str, patience: float = 180) -> None:
    """Wait until ``condition`` holds; fails saying ``what`` did not come."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come within {patience:.0f} s")


@contextlib.contextmanager
def served(
    state: Path, database: str = "", program: tuple[str, ...] = ("-m", "manager")
) -> Iterator[ServedManager]:
    """A Manager that answers, ended at the end."""
    manager = ServedManager(state, database, program=program)
    try:
        manager.start()
        yield manager
    finally:
        manager.kill()
