"""A PostgreSQL of the tests' own: an unprivileged cluster below a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

_USER = "postgres"


def programs() -> Path:
    """The folder of the newest PostgreSQL's programs; skips where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        pytest.skip("PostgreSQL is not installed")
    return Path(on_path).parent


@dataclass
class PostgresCluster:
    """A cluster that listens on a socket in its own folder only."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None
    databases: int = 0

    def url(self, database: str) -> str:
        return f"postgresql://{_USER}@/{database}?host={self.folder}"

    def start(self) -> None:
        argv = [str(programs() / "postgres"), "-D", str(self.folder / "data")]
        argv += ["-k", str(self.folder), "-c", "listen_addresses=", "-c", "fsync=off"]
        argv += ["-c", "shared_buffers=32MB", "-c", "max_connections=120"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                _unprivileged(argv), stdout=log, stderr=log, cwd=self.folder
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
            ready = self._run("pg_isready", "-h", str(self.folder), check=False)
            if ready.returncode == 0:
                return
            time.sleep(0.1)
        raise AssertionError("PostgreSQL did not start")

    def new_database(self) -> str:
        """The URL of an empty database."""
        self.databases += 1
        name = f"test{self.databases}"
        self._run("createdb", "-h", str(self.folder), "-U", _USER, name)
        return self.url(name)

    def kill(self) -> None:
        """End it at once, as a power cut does; its children notice and end too."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(30)
            self.process = None

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)
            self.process = None

    def _run(
        self, program: str, *arguments: str, check: bool = True
    ) -> subprocess.CompletedProcess[bytes]:
        argv = _unprivileged([str(programs() / program), *arguments])
        return subprocess.run(argv, cwd=self.folder, capture_output=True, check=check)


def new_cluster() -> PostgresCluster:
    """A cluster that runs; remove its folder after stopping it."""
    # Short: a socket's path has at most 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="flexvdi-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        account = pwd.getpwnam(_USER)
        os.chown(folder, account.pw_uid, account.pw_gid)
    cluster = PostgresCluster(folder)
    cluster._run(
        *("initdb", "-D", str(folder / "data"), "-U", _USER, "--auth=trust", "--no-sync"),
        *("-E", "UTF8", "--locale=C.UTF-8"),
    )
    cluster.start()
    return cluster


def _unprivileged(argv: list[str]) -> list[str]:
    if os.geteuid() != 0:
        return argv
    return ["setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--init-groups", "--", *argv]
