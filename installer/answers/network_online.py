"""Waiting until the live system's NetworkManager says that it is online."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from foundation.failure import Cancelled
from foundation.process import ProcessFailed, run

PATIENCE = 90
_STRETCH = 10


def wait_until_online(say: Callable[[str], None], cancel: Event, patience: int = PATIENCE) -> bool:
    """Wait up to ``patience`` seconds; returns whether the network is up.

    False is no failure yet: the attempt to fetch says better what is wrong.
    """
    said = False
    for _ in range(0, patience, _STRETCH):
        try:
            run(["nm-online", "--quiet", f"--timeout={_STRETCH}"], timeout=60, cancel=cancel)
            return True
        except Cancelled:
            raise
        except ProcessFailed as failure:
            if failure.completed.returncode == 127:
                say(f"Cannot tell whether the network is up: {failure.cause}")
                return False
        if not said:
            say("Waiting for the network.")
            said = True
    say(f"The network is not up after {patience} s; trying nevertheless.")
    return False
