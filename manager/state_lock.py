"""One Manager for each state folder: a lock that the kernel takes back when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from manager.problems import Conflict
from manager.settings import Settings, prepare_state


@contextmanager
def locked_state(settings: Settings) -> Iterator[None]:
    """Hold the state folder; raises Conflict where another process does."""
    path = prepare_state(settings.state) / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(
                f"A Manager is running on the state {settings.state}.",
                "Stop it first (`systemctl stop flexvdi-manager`), or give another --state.",
            ) from error
        yield
    finally:
        os.close(descriptor)
