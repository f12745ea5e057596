"""An ISO image served over HTTP on the loopback interface, so that nothing needs to mount it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from iso import iso9660

_PIECE = 1 << 20
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@contextmanager
def served(image: Path) -> Iterator[str]:
    """The address (without a slash at its end) under which the files of ``image`` are served.

    Raises Failure when it is no ISO image, or a damaged one.
    """
    with image.open("rb") as stream:
        extents = iso9660.files(stream)

    class _Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def _answer(self, *, with_body: bool) -> None:
            extent = extents.get(unquote(urlsplit(self.path).path).lstrip("/"))
            if extent is None:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            first, last = 0, extent.size - 1
            wanted = _RANGE.fullmatch(self.headers.get("Range", ""))
            if wanted:
                first = int(wanted.group(1))
                last = min(last, int(wanted.group(2) or last))
                if first > last:
                    self.send_error(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
                    return
                self.send_response(HTTPStatus.PARTIAL_CONTENT)
                self.send_header("Content-Range", f"bytes {first}-{last}/{extent.size}")
            else:
                self.send_response(HTTPStatus.OK)
            self.send_header("Content-Length", str(last - first + 1))
            self.end_headers()
            if with_body:
                self._send(extent.offset + first, last - first + 1)

        def _send(self, offset: int, left: int) -> None:
            with image.open("rb") as stream:
                stream.seek(offset)
                while left and (piece := stream.read(min(left, _PIECE))):
                    self.wfile.write(piece)
                    left -= len(piece)

        def log_message(self, format: str, *arguments: object) -> None:
            """Silence: dnf tells what it fetches."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
