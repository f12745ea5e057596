"""A real iSCSI target (tgt) on this machine, for hosts that reach it over QEMU's user networks."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab.sockets import free_port, port_listens

TARGET = "iqn.2026-01.test.flexvdi:disk"
_SIZE = 1 << 30


@dataclass(frozen=True)
class Login:
    """A user name and its secret, in CHAP's words."""

    user: str
    secret: str


@dataclass(frozen=True)
class TargetServer:
    """A running target with one LUN; QEMU's hosts reach ``port`` of whatever stands for us."""

    port: int
    folder: Path

    def administer(self, mode: str, operation: str, *words: str) -> None:
        """One command of tgtadm(8); raises CalledProcessError with what it said."""
        argv = ["tgtadm", "--lld", "iscsi", "--mode", mode, "--op", operation]
        subprocess.run([*argv, *words], check=True, env=_environment(self.folder))

    def let_in(self, host: Login, target: Login) -> None:
        """Want CHAP of initiators, and prove itself to those who ask."""
        for login, words in ((host, ()), (target, ("--outgoing",))):
            self.administer("account", "new", "--user", login.user, "--password", login.secret)
            self.administer("account", "bind", "--tid", "1", "--user", login.user, *words)


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "TGT_IPC_SOCKET": str(folder / "socket")}


@contextmanager
def target_server(folder: Path) -> Iterator[TargetServer]:
    """A target on 127.0.0.1 whose LUN is a sparse file below ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    server = TargetServer(free_port(), folder)
    disk = folder / "disk.raw"
    with disk.open("wb") as stream:
        stream.truncate(_SIZE)
    argv = ["tgtd", "--foreground", "--iscsi", f"portal=127.0.0.1:{server.port}"]
    with (folder / "tgtd.log").open("wb") as log:
        daemon = subprocess.Popen(argv, env=_environment(folder), stdout=log, stderr=log)
    try:
        while not port_listens(server.port):
            if daemon.poll() is not None:
                raise RuntimeError(f"tgtd ended: {(folder / 'tgtd.log').read_text()}")
        server.administer("target", "new", "--tid", "1", "--targetname", TARGET)
        server.administer(
            "logicalunit", "new", "--tid", "1", "--lun", "1", "--backing-store", str(disk)
        )
        server.administer("target", "bind", "--tid", "1", "--initiator-address", "ALL")
        yield server
    finally:
        daemon.kill()
        daemon.wait(30)
