"""A PostgreSQL of a test's own, in a temporary folder, run by an unprivileged user."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.lab.sockets import free_port

_USER = "postgres"


def programs() -> Path | None:
    """The newest PostgreSQL's programs; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else None


class LabPostgresql:
    """One server, which can be killed and started again."""

    def __init__(self) -> None:
        bin_folder = programs()
        assert bin_folder is not None, "install postgresql (see debian-packages.txt)"
        self._bin, self._port = bin_folder, free_port()
        # Not below pytest's own folders: those are for their owner alone.
        self._folder = Path(tempfile.mkdtemp(prefix="flexvdi-postgresql-"))
        self._process: subprocess.Popen[bytes] | None = None
        user = pwd.getpwnam(_USER)
        os.chown(self._folder, user.pw_uid, user.pw_gid)
        subprocess.run(
            [
                *self._as_user,
                bin_folder / "initdb",
                "-A",
                "trust",
                "-N",
                "-D",
                self._folder / "data",
            ],
            check=True,
            capture_output=True,
        )

    @property
    def _as_user(self) -> list[str | Path]:
        return [shutil.which("setpriv") or "setpriv", f"--reuid={_USER}", f"--regid={_USER}",
                "--clear-groups"]  # fmt: skip

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def url(self) -> str:
        return f"postgresql://{_USER}@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        with (self._folder / "log").open("ab") as out:
            self._process = subprocess.Popen(
                [*self._as_user, self._bin / "postgres", "-D", self._data,
                 "-p", str(self._port), "-k", self._folder, "-h", "127.0.0.1"],
                stdout=out, stderr=out,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            ready = subprocess.run(
                [self._bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self._port)],
                check=False,
            )
            if ready.returncode == 0:
                return
            time.sleep(0.1)
        raise AssertionError((self._folder / "log").read_text()[-2000:])

    def kill(self) -> None:
        """The server and its workers, at once."""
        assert self._process is not None
        pid = self._process.pid
        workers = subprocess.run(
            ["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True, check=False
        ).stdout.split()
        for number in (str(pid), *workers):
            try:
                os.kill(int(number), signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._process.wait(30)

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)
