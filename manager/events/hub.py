"""Telling events, at once, to everybody who listens; nobody who is slow holds up the rest."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from sqlalchemy.orm import Session

from manager.clock import Clock
from manager.database.engine import after_commit
from manager.events.event import Event, Severity
from manager.events.tables import EventRow

# Events that may wait for one listener; one further behind is cut off and comes back by itself.
_WAITING = 1000
_LISTENERS = 200


class Listener:
    """One who listens: a bounded queue that lives in the listener's own event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Made by :meth:`EventHub.listen`, inside of ``loop``."""
        self._loop = loop
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(_WAITING + 1)

    def tell(self, event: Event | None) -> None:
        """From any thread: hand over ``event``; None ends the stream."""
        try:
            self._loop.call_soon_threadsafe(self._put, event)
        except RuntimeError:  # its loop has ended, and with it the listener
            return

    def _put(self, event: Event | None) -> None:
        if self._queue.qsize() >= _WAITING:
            while not self._queue.empty():
                self._queue.get_nowait()
            event = None
        self._queue.put_nowait(event)

    async def next(self, patience: float) -> Event | None:
        """The next event, None when the stream has ended; TimeoutError after ``patience`` s."""
        async with asyncio.timeout(patience):
            return await self._queue.get()


class EventHub:
    """Publishes events: into the table, then to all listeners."""

    def __init__(self, clock: Clock) -> None:
        """``clock`` stamps the events."""
        self._clock = clock
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._closed = False

    def publish(
        self,
        session: Session,
        kind: str,
        text: str,
        *,
        subject: str = "",
        severity: Severity = Severity.INFO,
        data: dict[str, Any] | None = None,
    ) -> Event:
        """Keep an event with what else ``session`` writes; it is told once that is committed."""
        row = EventRow(
            time=self._clock(),
            kind=kind,
            subject=subject,
            severity=severity.value,
            text=text,
            data=data or {},
        )
        session.add(row)
        session.flush()
        event = event_of(row)
        after_commit(session, lambda: self._tell(event))
        return event

    def announce(self, kind: str, *, subject: str = "", data: dict[str, Any] | None = None) -> None:
        """Tell something that is not worth keeping, as progress or live figures; any thread."""
        self._tell(Event(time=self._clock(), kind=kind, subject=subject, data=data or {}))

    def listen(self) -> Listener | None:
        """A new listener of the running event loop; None where there are too many already."""
        listener = Listener(asyncio.get_running_loop())
        with self._lock:
            if self._closed or len(self._listeners) >= _LISTENERS:
                return None
            self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget ``listener``."""
        with self._lock:
            self._listeners.discard(listener)

    def close(self) -> None:
        """End all streams: the Manager stops."""
        with self._lock:
            self._closed = True
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener.tell(None)

    def _tell(self, event: Event) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener.tell(event)


def event_of(row: EventRow) -> Event:
    """The event that a row keeps."""
    return Event(
        id=row.id,
        time=row.time,
        kind=row.kind,
        subject=row.subject,
        severity=Severity(row.severity),
        text=row.text,
        data=row.data,
    )


async def stream(
    hub: EventHub,
    listener: Listener,
    missed: list[Event],
    permitted: Callable[[], Awaitable[bool]],
    *,
    heartbeat: float = 15.0,
) -> AsyncIterator[str]:
    """Server-Sent Events (WHATWG HTML, 9.2): first what was ``missed``, then what comes.

    A comment each ``heartbeat`` seconds keeps proxies from closing the connection; as often it is
    asked whether the listener is ``permitted`` still, and the stream ends when not.
    """
    try:
        yield "retry: 2000\n\n"
        last = 0
        for event in missed:
            last = event.id
            yield as_message(event)
        asked = time.monotonic()
        while True:
            if time.monotonic() - asked >= heartbeat:
                if not await permitted():
                    return
                asked = time.monotonic()
            try:
                live = await listener.next(heartbeat)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            if live is None:
                return
            if live.id and live.id <= last:
                continue  # it was among the missed ones
            yield as_message(live)
    finally:
        hub.leave(listener)


def as_message(event: Event) -> str:
    """``event`` as one message; only kept events have an id to come back to."""
    identity = f"id: {event.id}\n" if event.id else ""
    return f"{identity}event: {event.kind}\ndata: {event.model_dump_json()}\n\n"
