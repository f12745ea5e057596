"""The resolver of this machine (host.machine.manager.name_service.NameService)."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate

_TIMEOUT = 10.0  # seconds; resolv.conf's own defaults may take much longer


class RealNameService:
    """getaddrinfo and getnameinfo, each in a thread that can be left behind."""

    def addresses(self, name: str) -> tuple[str, ...]:
        """Of both families."""

        def ask() -> tuple[str, ...]:
            found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            return tuple(dict.fromkeys(str(each[4][0]) for each in found))

        return _in_time(ask)

    def names(self, address: str) -> tuple[str, ...]:
        """Only what DNS or hosts(5) really know."""
        return _in_time(
            lambda: (socket.getnameinfo((address, 0), socket.NI_NAMEREQD)[0].rstrip("."),)
        )


def _in_time(ask: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
    worker = ThreadPoolExecutor(1)
    try:
        return worker.submit(ask).result(_TIMEOUT)
    except (OSError, UnicodeError, TooLate):
        return ()
    finally:
        worker.shutdown(wait=False)
