"""A console's lasting line to the engine: connects, and connects again when the engine restarts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread
from typing import Any

from installer.engine.client import EngineClient, EngineGone
from installer.engine.commands import Command
from installer.engine.events import Event

PAUSE = 0.5
"""Seconds between two attempts to connect."""


class Link:
    """Tells ``on_event`` every event, and None whenever the engine is not there (any more).

    ``on_event`` is called on a thread of the link's own. A connection begins with the whole
    status, so nothing is missed.
    """

    def __init__(self, path: Path, on_event: Callable[[Event | None], None]) -> None:
        """Start to connect to the socket ``path`` in the background."""
        self._path = path
        self._on_event = on_event
        self._client: EngineClient | None = None
        self._lock = Lock()
        self._stopped = Flag()
        self._thread = Thread(target=self._keep_connected, name="link", daemon=True)
        self._thread.start()

    def ask(self, command: Command) -> Any:
        """Send a command and return its result; raises the Failure of the reply, or EngineGone."""
        with self._lock:
            client = self._client
        if client is None:
            raise EngineGone(self._path)
        return client.ask(command)

    def stop(self) -> None:
        """Hang up for good."""
        self._stopped.set()
        with self._lock:
            if self._client is not None:
                self._client.close()

    def _keep_connected(self) -> None:
        told = False
        while not self._stopped.is_set():
            gone = Flag()

            def relay(event: Event | None, gone: Flag = gone) -> None:
                if event is None:
                    gone.set()
                elif not self._stopped.is_set():
                    self._on_event(event)

            try:
                client = EngineClient(self._path, relay)
            except EngineGone:
                if not told:
                    told = True
                    self._on_event(None)
                self._stopped.wait(PAUSE)
                continue
            with self._lock:
                self._client = client
            told = False
            gone.wait()
            with self._lock:
                self._client = None
            client.close()
            if not self._stopped.is_set() and not told:
                told = True
                self._on_event(None)
