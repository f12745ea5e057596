"""A web server of the test's own, which machines reach as 10.0.2.2, or by IPv6 as fec0::2."""

from __future__ import annotations

import functools
import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

GATEWAY = "10.0.2.2"
GATEWAY6 = "fec0::2"


@dataclass
class Served:
    """A running server: its address as guests see it, what was asked for and what was posted."""

    url: str
    requests: list[str] = field(default_factory=list)
    posts: list[bytes] = field(default_factory=list)


class _Server6(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


@contextmanager
def serving(folder: Path, *, ipv6: bool = False) -> Iterator[Served]:
    """Serve ``folder`` on a free port, by one family; POSTs to any path are kept."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            served.requests.append(self.path)
            super().do_GET()

        def do_POST(self) -> None:
            served.posts.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *values: object) -> None:
            pass

    handler = functools.partial(Handler, directory=str(folder))
    kind = _Server6 if ipv6 else http.server.ThreadingHTTPServer
    seen_as = f"[{GATEWAY6}]" if ipv6 else GATEWAY
    with kind(("::1" if ipv6 else "127.0.0.1", 0), handler) as server:
        served = Served(f"http://{seen_as}:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
