"""The serial console of a domain, over a stream of libvirt's (domains.Console)."""

from __future__ import annotations

import contextlib
import time
from typing import Any

_AGAIN = -2  # what virStreamRecv returns when nothing is there yet
_PAUSE = 0.02


class RealConsole:
    """A non-blocking stream, looked at in short turns, without an event loop of libvirt's.

    So what comes for the stream is taken in only while something else is asked on the connection.
    """

    def __init__(self, connection: Any, stream: Any) -> None:
        """Both are ended with the console."""
        self._connection = connection
        self._stream = stream

    def read(self, seconds: float) -> bytes | None:
        """See Console."""
        import libvirt

        deadline = time.monotonic() + seconds
        while True:
            try:
                data = self._stream.recv(65536)
                if data == _AGAIN:
                    self._connection.getLibVersion()
                    data = self._stream.recv(65536)
            except libvirt.libvirtError:
                return None
            if data == b"":
                return None
            if data != _AGAIN:
                return bytes(data)
            if time.monotonic() >= deadline:
                return b""
            time.sleep(_PAUSE)

    def write(self, data: bytes) -> None:
        """See Console; what the guest does not take within a second is dropped, as on a line."""
        import libvirt

        deadline = time.monotonic() + 1
        while data and time.monotonic() < deadline:
            try:
                sent = self._stream.send(data)
            except libvirt.libvirtError:
                return
            if sent == _AGAIN:
                time.sleep(_PAUSE)
                continue
            data = data[sent:]

    def close(self) -> None:
        """See Console."""
        import libvirt

        with contextlib.suppress(libvirt.libvirtError):
            self._stream.abort()
        self._connection.close()
