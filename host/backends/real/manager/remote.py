"""Another host by SSH (host.machine.manager.remote.RemoteHost)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from foundation.failure import Failure
from foundation.process import ProcessFailed, run
from host.machine.manager.images import OnProgress

_SSH = ("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10")
_LONGEST = 24 * 3600.0  # seconds; a large data disk over a slow line
_REMOVE = 'for name; do rm -f -- "$0/$name" || exit; done; rmdir -- "$0" 2>/dev/null; true'
# rsync --info=progress2: bytes, percent, rate, time
_PROGRESS = re.compile(r"^\s*([0-9,.]+)\s+(\d+)%")


class RealRemoteHost:
    """Keys and known hosts are root's own."""

    def run(self, host: str, words: Sequence[str]) -> str:
        """Quoted for the shell over there."""
        try:
            return run([*_SSH, "--", host, shlex.join(words)], timeout=600).stdout
        except ProcessFailed as error:
            raise _failure(host, words[0], error) from error

    def read(self, host: str, path: str) -> str:
        """cat(1)."""
        return self.run(host, ("sh", "-c", 'test ! -e "$0" || cat -- "$0"', path))

    def remove(self, host: str, folder: str, names: Sequence[str]) -> None:
        """rm(1) by name, then rmdir(1)."""
        self.run(host, ("sh", "-c", _REMOVE, folder, *names))

    def send(
        self,
        paths: Sequence[str],
        host: str,
        folder: str,
        on_progress: OnProgress,
        cancel: Event | None = None,
    ) -> None:
        """What is there in part from an earlier try is gone on with."""
        total = sum(Path(path).stat().st_size for path in paths)

        def heard(line: str) -> None:
            found = _PROGRESS.match(line)
            if found is not None:
                on_progress(min(int(re.sub("[,.]", "", found[1])), total), total)

        self.run(host, ("mkdir", "-p", "--mode=0711", folder))
        # In place: what a killed copy has left has the file's own name, and is removed by it.
        argv = ["rsync", "--sparse", "--inplace", "--info=progress2", "--perms"]
        argv += ["-e", shlex.join(_SSH), "--", *paths, f"{host}:{folder}/"]
        try:
            run(argv, timeout=_LONGEST, on_line=heard, cancel=cancel)
        except ProcessFailed as error:
            raise _failure(host, "rsync", error) from error


def _failure(host: str, what: str, error: ProcessFailed) -> Failure:
    if error.completed.returncode == 255:
        return Failure(
            f"{host} cannot be reached by SSH as root.",
            "Put this host's key (/root/.ssh/id_ed25519.pub) among the keys of root over there, "
            "and connect once by hand to accept its host key.",
            details=error.details,
        )
    return Failure(f"{what} failed on {host}: {error.cause}", error.remedy, details=error.details)
