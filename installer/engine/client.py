"""The other end of the socket: what consoles and the ``run`` command speak to the engine with."""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import socket
from collections.abc import Callable
from itertools import count
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from pydantic import ValidationError

from foundation.failure import Failure
from installer.engine.commands import Command
from installer.engine.events import Event, ReplyEvent, read_event

log = logging.getLogger("flexvdi.installer")

REPLY_PATIENCE = 300.0
"""Seconds to wait for a reply: probing disks that hang takes this long at worst."""


class EngineGone(Failure):
    """The engine closed the connection, or there is none."""

    def __init__(self, path: Path) -> None:
        """``path`` is the socket."""
        super().__init__(
            f"The installer engine does not answer on {path}.",
            "It is started by flexvdi-installer.service: systemctl restart flexvdi-installer.",
        )


class EngineClient:
    """A connection to the engine.

    Events other than replies go to ``on_event``, called on a thread of the client's own; when the
    engine goes away, ``on_event`` gets None, once. :meth:`ask` sends a command and waits.
    """

    def __init__(self, path: Path, on_event: Callable[[Event | None], None]) -> None:
        """Connect; raises EngineGone when nobody listens."""
        self._path = path
        self._on_event = on_event
        self._numbers = count(1)
        self._replies: dict[int, queue.Queue[ReplyEvent | None]] = {}
        self._lock = Lock()
        self._closed = False
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise EngineGone(path) from error
        Thread(target=self._read, name="engine events", daemon=True).start()

    def close(self) -> None:
        """Hang up."""
        self._closed = True
        with contextlib.suppress(OSError):  # the engine may have hung up first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def ask(self, command: Command) -> Any:
        """Send ``command`` and return the result of the reply; raises the Failure it carries."""
        number = next(self._numbers)
        reply_box: queue.Queue[ReplyEvent | None] = queue.Queue(1)
        with self._lock:
            self._replies[number] = reply_box
        message = json.dumps({**command.model_dump(mode="json"), "id": number})
        try:
            self._socket.sendall(message.encode() + b"\n")
            reply = reply_box.get(timeout=REPLY_PATIENCE)
        except (OSError, queue.Empty) as error:
            raise EngineGone(self._path) from error
        finally:
            with self._lock:
                self._replies.pop(number, None)
        if reply is None:
            raise EngineGone(self._path)
        if reply.failure is not None:
            raise reply.failure.as_failure()
        return reply.result

    def _read(self) -> None:
        try:
            with self._socket.makefile("rb") as lines:
                for line in lines:
                    event = read_event(line)
                    if isinstance(event, ReplyEvent):
                        with self._lock:
                            box = self._replies.get(event.id)
                        if box is not None:
                            box.put(event)
                    else:
                        self._on_event(event)
        except (OSError, ValueError, ValidationError) as error:
            log.debug("the connection to the engine ended: %s", error)
        with self._lock:
            boxes = list(self._replies.values())
        for box in boxes:
            box.put(None)
        if not self._closed:
            self._on_event(None)
