"""A shell on an installed host, by SSH through a forwarded port."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.made_once import made_once
from tests.lab.places import LAB
from tests.lab.sockets import free_port


def key_pair() -> tuple[Path, str]:
    """The lab's own SSH key: the private file, and the public line for ``sshkey``."""
    private = made_once(LAB / "ssh-key", _make_key)
    return private, private.with_suffix(".pub").read_text().strip()


def _make_key(private: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(private)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


class HostShell:
    """Runs commands as root on a host that answers on a local port."""

    def __init__(self, port: int) -> None:
        """Connections are made by each command anew."""
        self._port = port

    def wait_until_ready(self, timeout: float) -> None:
        """Until a command can be run; raises AssertionError with SSH's last words."""
        deadline = time.monotonic() + timeout
        while (attempt := self._ssh("true", 30)).returncode:
            if time.monotonic() > deadline:
                raise AssertionError(f"the host did not let us in: {attempt.stderr}")

    def run(self, command: str, timeout: float = 300, *, said: str = "") -> str:
        """Output of ``command``; raises AssertionError with all it said unless it succeeds.

        ``said`` is what the command reads on its standard input, where no process list shows it.
        """
        done = self._ssh(command, timeout, said)
        if done.returncode:
            raise AssertionError(
                f"`{command}` ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
            )
        return done.stdout.strip()

    @contextmanager
    def beyond(self, address: str) -> Iterator[HostShell]:
        """A shell on a machine that this one reaches, and the lab does not: through a tunnel."""
        port = free_port()
        tunnel = ["-N", "-L", f"127.0.0.1:{port}:[{address}]:22", "-o", "ExitOnForwardFailure=yes"]
        process = subprocess.Popen([*self._argv(), *tunnel, "root@127.0.0.1"])
        try:
            yield HostShell(port)
        finally:
            process.terminate()
            process.wait()

    def _argv(self) -> list[str]:
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=yes"]
        options += ["ConnectTimeout=20", "LogLevel=ERROR"]
        argv = ["ssh", "-i", str(key_pair()[0]), "-p", str(self._port)]
        return [*argv, *(word for option in options for word in ("-o", option))]

    def _ssh(
        self, command: str, timeout: float, said: str = ""
    ) -> subprocess.CompletedProcess[str]:
        argv = [*self._argv(), "root@127.0.0.1", command]
        try:
            return subprocess.run(
                argv,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout,
                input=said,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(argv, 255, "", f"no answer in {timeout:.0f} s")
