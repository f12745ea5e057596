"""Whether storage answers, found out without being caught by it.

The kernel holds whoever touches an NFS mount until its server is back: it takes no signal but
SIGKILL, and while it waits for another that is held, not even that. Such processes pile up look by
look, and systemd waits for each of their units when the host shuts down. A time limit around the
mount would come too late: ``soft`` turns it into errors of guests' disks. So the server is first
asked for a connection, by a socket, which can be given up; the mount is only touched when somebody
listens. What still hangs then (a server that takes connections and answers none) is a process of
its own, and one a minute at most.
"""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from foundation.process import ProcessFailed, run

_MOUNTS = Path("/proc/self/mounts")
_NFS_PORT = 2049
_CONNECT_TIMEOUT = 2.0  # seconds
_ASK_TIMEOUT = 3.0
_ANSWER_HOLDS = 5.0  # one look at a host asks for many paths
_SILENCE_HOLDS = 60.0


@dataclass(frozen=True)
class NFSMounted:
    """An NFS mount that the kernel has: where, and by TCP to which address."""

    path: str
    address: str
    port: int


_known: dict[NFSMounted, tuple[float, bool]] = {}


def responds(path: str) -> bool:
    """Whether what ``path`` is on can be touched; true of everything that is no NFS mount."""
    mount = nfs_mount_of(path, _MOUNTS.read_text())
    if mount is None:
        return True
    until, answer = _known.get(mount, (0.0, False))
    if time.monotonic() < until:
        return answer
    answer = _listens(mount)
    holds = _ANSWER_HOLDS
    if answer:
        try:
            run(["stat", "--file-system", "--format=%i", mount.path], timeout=_ASK_TIMEOUT)
        except ProcessFailed as error:
            hangs = error.completed.returncode < 0
            answer, holds = not hangs, _SILENCE_HOLDS if hangs else _ANSWER_HOLDS
    _known[mount] = (time.monotonic() + holds, answer)
    return answer


def nfs_mount_of(path: str, mounts: str) -> NFSMounted | None:
    """The NFS mount over TCP that ``path`` is on, by a table as in proc_pid_mounts(5).

    The path is taken as it is written: to follow links would touch the mount. Another transport
    (UDP, RDMA) is not looked at here, and counts as none.
    """
    found: tuple[str, str, str] | None = None
    for line in mounts.splitlines():
        _source, where, kind, options, *_rest = (_plain(word) for word in line.split(" "))
        is_above = path == where or path.startswith(where.rstrip("/") + "/")
        # Of several on the same place, the last one is on top.
        if is_above and (found is None or len(where) >= len(found[0])):
            found = (where, kind, options)
    if found is None or found[1] not in ("nfs", "nfs4"):
        return None
    given = dict(word.partition("=")[::2] for word in found[2].split(","))
    address, port = given.get("addr", ""), given.get("port", "")
    if not address or given.get("proto", "tcp") not in ("tcp", "tcp6"):
        return None
    return NFSMounted(found[0], address, int(port) if port.isdigit() else _NFS_PORT)


def _plain(word: str) -> str:
    """A word of the table, with the characters that it writes in octal digits."""
    return re.sub(r"\\([0-7]{3})", lambda digits: chr(int(digits[1], 8)), word)


def _listens(mount: NFSMounted) -> bool:
    try:
        socket.create_connection((mount.address, mount.port), timeout=_CONNECT_TIMEOUT).close()
    except OSError:
        return False
    return True
