"""A Manager and Agents as processes on loopback: for integration tests and the bench."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import time
from base64 import b32encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from foundation.joining import ManagerAddress
from foundation.secret import Secret
from host.api.membership import Joined, JoinSecret
from host.audit import Actor
from host.backends.real.enrolment import RealEnrolmentLink
from host.backends.real.files import RealFiles
from host.backends.simulated.machine import simulated_machine
from host.backends.simulated.simulation import Simulation
from host.doors.membership import MembershipDoor
from host.jobs import Jobs
from host.machine import Machine
from host.machine.services import Services
from host.membership_files import AGENT_SERVICE
from manager.certificates.authority import CertificateAuthority
from manager.clock import system_clock
from manager.database.engine import Database
from manager.guests.tables import GuestRow
from manager.hosts.tables import HostRow, JoinTokenRow
from manager.identifiers import new_identifier
from manager.settings import Settings
from tests.lab.sockets import free_port

TESTER = Actor("tester", "a test")
PASSWORD = "correct horse battery staple"


def wait_for(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """What ``condition`` returns once it is true; fails the test with ``what`` otherwise."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


class Process:
    """A program of ours, whose output goes to a file."""

    def __init__(self, log: Path, *arguments: str) -> None:
        self.log = log
        self._arguments: tuple[str, ...] = arguments
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self._arguments], stdout=out, stderr=out
            )

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def stop(self, number: int = signal.SIGTERM, seconds: float = 120.0) -> int:
        """Send the signal; returns the exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def resident(self) -> int:
        """Bytes of memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class LabManager(Process):
    """``flexvdi-manager serve`` on a database that the test may look into."""

    def __init__(self, folder: Path, database: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.https, self.agents = free_port(), free_port()
        self.settings = Settings(state=folder / "state", database=database)
        super().__init__(folder / "manager.log")
        self.listen_at("127.0.0.1")

    def listen_at(self, address: str) -> None:
        """From its next start on."""
        self.listens = address
        self._arguments = (
            "manager",
            "serve",
            "--state",
            str(self.settings.state),
            "--database",
            self.settings.database,
            "--listen",
            f"{address}:{self.https}",
            "--agents",
            f"{address}:{self.agents}",
        )

    def wait_until_ready(self) -> None:
        wait_for(self.is_ready, 180, f"the Manager answers; see {self.log}")

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        for port in (self.https, self.agents):
            with socket.socket() as probe:
                if probe.connect_ex((self.listens, port)) != 0:
                    return False
        return True

    @property
    def database(self) -> Database:
        return Database(self.settings.database_url)

    @property
    def address(self) -> ManagerAddress:
        authority = CertificateAuthority(self.settings.state / "certificates", system_clock)
        return ManagerAddress("127.0.0.1", self.https, authority.fingerprint)

    @contextlib.contextmanager
    def signed_in(self, name: str = "root") -> Iterator[httpx.Client]:
        """A client of an administrator's; the first one is created if there is none."""
        authority = self.settings.state / "certificates/ca.crt"
        with httpx.Client(
            base_url=f"https://{self.listens.replace('0.0.0.0', '127.0.0.1')}:{self.https}",
            verify=ssl.create_default_context(cafile=str(authority)),
            timeout=20,
            trust_env=False,
        ) as client:
            self._sign_in(client, name)
            yield client

    def _sign_in(self, client: httpx.Client, name: str) -> None:
        if not client.get("/health").json()["setup_done"]:
            secret = (self.settings.state / "setup-secret").read_text().strip()
            body = {"secret": secret, "name": name, "password": PASSWORD}
            client.post("/api/v1/setup", json=body).raise_for_status()
        answer = client.post("/api/v1/session", json={"name": name, "password": PASSWORD})
        answer.raise_for_status()
        client.headers["x-csrf-token"] = answer.json()["csrf"]

    def make_token(self, lifetime: timedelta = timedelta(hours=1)) -> Secret:
        """A join token, as `Add a host` makes them."""
        token = b32encode(secrets.token_bytes(15)).decode()
        now = datetime.now(UTC)
        with self.database.writing() as session:
            session.add(
                JoinTokenRow(
                    id=new_identifier(),
                    token_hash=hashlib.sha256(token.encode()).hexdigest(),
                    note="lab",
                    created=now,
                    created_by="lab",
                    expires=now + lifetime,
                )
            )
        return Secret(token)

    def host(self, name: str) -> HostRow | None:
        with self.database.reading() as session:
            return session.scalar(select(HostRow).where(HostRow.name == name))

    def state_of(self, name: str) -> str | None:
        row = self.host(name)
        return row.state if row is not None else None

    def guests_of(self, name: str) -> dict[str, str]:
        """Names and states of a host's guests."""
        row = self.host(name)
        with self.database.reading() as session:
            rows = session.scalars(select(GuestRow).where(GuestRow.host == row.id if row else ""))
            return {guest.name: guest.state for guest in rows}


class _ServiceOfProcess:
    """Services of a simulated machine, but that the Agent's runs while its process does."""

    def __init__(self, services: Services, process: Process) -> None:
        self._services, self._process = services, process

    def is_running(self, _service: str) -> bool:
        process = self._process.process
        return process is not None and process.poll() is None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._services, name)


class LabHost(Process):
    """A simulated host with real files below ``root``, and its ``flexvdi-agent run``."""

    def __init__(self, folder: Path, name: str, **facts: Any) -> None:
        self.name, self.root = name, folder / name
        self.root.mkdir(parents=True, exist_ok=True)
        self.facts: dict[str, Any] = {
            "hostname": name,
            "version": "0.1.0",
            "root": str(self.root),
            **facts,
        }
        self.simulation = folder / f"{name}.json"
        self.simulation.write_text(json.dumps(self.facts))
        document = self.root / "etc/flexvdi/host.yaml"
        document.parent.mkdir(parents=True, exist_ok=True)
        if not document.exists():
            document.write_text(f"version: 1\nidentity:\n  hostname: {name}\n")
        super().__init__(
            folder / f"{name}.log",
            "agent.command_line",
            "--root",
            str(self.root),
            "run",
            "--simulate",
            str(self.simulation),
        )

    @property
    def files(self) -> RealFiles:
        return RealFiles(self.root)

    @property
    def machine(self) -> Machine:
        """The simulated machine, but for its files and for the Manager, which are real."""
        machine = simulated_machine(Simulation(self.facts))
        return dataclasses.replace(machine, files=self.files, enrolment=RealEnrolmentLink())

    @property
    def membership(self) -> MembershipDoor:
        return MembershipDoor(self.machine, Jobs(self.root / "jobs"))

    def membership_of_running(self) -> MembershipDoor:
        """The same, with the Agent's service known to run while its process does."""
        machine = self.machine
        machine.services.enable(AGENT_SERVICE)
        services = _ServiceOfProcess(machine.services, self)
        return MembershipDoor(
            dataclasses.replace(machine, services=services),  # type: ignore[arg-type]
            Jobs(self.root / "jobs"),
        )

    def join(self, manager: ManagerAddress, token: Secret, *, replace: bool = False) -> Joined:
        return self.membership.join(manager, JoinSecret(token=token), TESTER, replace=replace)

    def report(self) -> dict[str, Any]:
        path = self.root / "run/flexvdi/agent.json"
        try:
            said: dict[str, Any] = json.loads(path.read_text())
        except (OSError, ValueError):
            return {}
        return said
