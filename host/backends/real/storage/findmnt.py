"""The kernel's table of mounts, as findmnt(8) tells it without touching what is mounted."""

from __future__ import annotations

from foundation.failure import Failure
from foundation.process import run
from host.backends.real.storage.json_answers import parse_table, tables, text_of
from host.backends.real.storage.responding import responds
from host.machine.mounts import Mounted, Usage

_USAGE_TIMEOUT = 3.0


def read_table() -> tuple[Mounted, ...]:
    """All mounts."""
    columns = "TARGET,SOURCE,FSTYPE,OPTIONS"
    answer = run(["findmnt", "--json", "--list", "--kernel", "--output", columns], timeout=15)
    return parse_mounts(answer.stdout)


def parse_mounts(text: str) -> tuple[Mounted, ...]:
    """findmnt's JSON."""
    return tuple(
        Mounted(
            text_of(row, "target"),
            text_of(row, "source"),
            text_of(row, "fstype"),
            text_of(row, "options"),
        )
        for row in tables("findmnt", parse_table("findmnt", text), "filesystems")
    )


def read_usage(path: str) -> Usage | None:
    """Room on the filesystem at ``path``; None when it does not say within its time.

    A server that is away is not asked; a disk that hangs is asked by a process of its own. XFS goes
    on telling its room when its disk has gone; only its files cannot be reached then.
    """
    if not responds(path):
        return None
    try:
        run(["stat", "--format=%i", path], timeout=_USAGE_TIMEOUT)
        argv = ["stat", "--file-system", "--format=%S %b %a", path]
        answer = run(argv, timeout=_USAGE_TIMEOUT)
        block, blocks, free = (int(word) for word in answer.stdout.split())
    except (Failure, ValueError):
        return None
    return Usage(block * blocks, block * free)
