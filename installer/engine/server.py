"""The engine's ear: a unix socket on which any number of consoles speak JSON lines.

Each client has a thread that reads its commands and a thread that writes it events. A client that
does not read for long is let go: it can connect again and gets the whole status.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from pydantic import ValidationError

from foundation.failure import Failure
from installer.engine.commands import Command, read_command
from installer.engine.events import Event, FailureText, ReplyEvent
from installer.engine.hub import Hub

log = logging.getLogger("flexvdi.installer")

SOCKET_PATH = Path("/run/flexvdi/installer.sock")
_MOST_WAITING = 5000
_LONGEST_LINE = 16 << 20

Handler = Callable[[Command], Any]
"""Does what a command asks; returns a JSON value for the reply, or raises Failure."""


class Server:
    """Listens on ``path`` until :meth:`close`; commands go to ``handle``."""

    def __init__(self, path: Path, hub: Hub, handle: Handler) -> None:
        """Begin to listen; a socket left by an engine that died is replaced.

        Raises Failure when another engine is alive on the same path.
        """
        self._hub = hub
        self._handle = handle
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        _refuse_second_engine(path)
        path.unlink(missing_ok=True)
        self._lock = Lock()
        self._outgoing: list[queue.Queue[Event | None]] = []
        self._socket = socket.socket(socket.AF_UNIX)
        previous = os.umask(0o177)
        try:
            self._socket.bind(str(path))
        finally:
            os.umask(previous)
        self._socket.listen(16)
        Thread(target=self._accept, name="accept", daemon=True).start()

    def close(self) -> None:
        """Stop listening, remove the socket, and hang up on everyone once they were told all."""
        _shut(self._socket)
        self._socket.close()
        self._path.unlink(missing_ok=True)
        with self._lock:
            open_now = tuple(self._outgoing)
        for outgoing in open_now:
            outgoing.put(None)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            Thread(target=self._serve, args=(connection,), name="client", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        outgoing: queue.Queue[Event | None] = queue.Queue(_MOST_WAITING)

        def listen(event: Event) -> None:
            try:
                outgoing.put_nowait(event)
            except queue.Full:
                _shut(connection)

        with self._lock:
            self._outgoing.append(outgoing)
        writer = Thread(target=_write, args=(connection, outgoing), name="writer", daemon=True)
        writer.start()
        self._hub.subscribe(listen)
        try:
            with connection.makefile("rb") as lines:
                while line := lines.readline(_LONGEST_LINE):
                    listen(self._hub.masked(self._answer(line)))
        except OSError as error:
            log.debug("a client went away: %s", error)
        finally:
            self._hub.unsubscribe(listen)
            with self._lock:
                self._outgoing.remove(outgoing)
            outgoing.put(None) if not outgoing.full() else _shut(connection)
            writer.join(5)
            connection.close()

    def _answer(self, line: bytes) -> ReplyEvent:
        number = 0
        try:
            number = _command_id(line)
            return ReplyEvent(id=number, result=self._handle(read_command(line)))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            cause = f"The engine does not understand the command: {place}: {first['msg']}."
            failure = FailureText(cause=cause, remedy="Use a console of the same version.")
        except Failure as error:
            failure = FailureText.of(error)
        except Exception:  # of one command; the consoles go on asking
            log.exception("a command met an unexpected error")
            failure = FailureText(
                cause="The engine met an unexpected error with this command.",
                remedy="Look at the installer's log.",
            )
        return ReplyEvent(id=number, failure=failure)


def _command_id(line: bytes) -> int:
    try:
        number = json.loads(line).get("id", 0)
    except (ValueError, AttributeError):
        return 0
    return number if isinstance(number, int) else 0


def _write(connection: socket.socket, outgoing: queue.Queue[Event | None]) -> None:
    try:
        while (event := outgoing.get()) is not None:
            connection.sendall(event.model_dump_json().encode() + b"\n")
    except OSError as error:
        log.debug("a client does not read: %s", error)
    _shut(connection)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError as error:
        log.debug("a client was already gone: %s", error)


def _refuse_second_engine(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
        except OSError:
            return
    raise Failure(
        f"An installer engine is already running on {path}.",
        "Watch it with flexvdi-install console.",
    )
