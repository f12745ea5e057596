"""A web server of a folder that misbehaves for the files it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@contextmanager
def serving(folder: Path, *, breaks_off_at: str = "", answers: bytes = b"") -> Iterator[str]:
    """The address of ``folder``.

    Paths that contain ``breaks_off_at`` are sent by half, and the connection is closed. With
    ``answers``, that is the answer to everything.
    """

    class _Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            place = folder / self.path.lstrip("/")
            if answers:
                self._begin(len(answers))
                self.wfile.write(answers)
            elif breaks_off_at and breaks_off_at in self.path and place.is_file():
                content = place.read_bytes()
                self._begin(len(content))
                self.wfile.write(content[: len(content) // 2])
                self.close_connection = True
            else:
                super().do_GET()

        def _begin(self, length: int) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(length))
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
