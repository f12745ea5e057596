"""The engine's one mouth: every event passes here, in one order, to everyone who listens."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from foundation.secret import Secret, redact
from installer.engine.events import Event, FailureText, Status, StatusEvent, after

Listener = Callable[[Event], None]


class Hub:
    """Holds the status, folds each event into it, and hands the event to all listeners.

    Listeners are called under a lock, so they must only take note (put into a queue) and return.
    """

    def __init__(self) -> None:
        """Start with an empty status and nobody listening."""
        self._lock = Lock()
        self._status = Status()
        self._listeners: list[Listener] = []
        self._secrets: tuple[Secret, ...] = ()

    @property
    def status(self) -> Status:
        """The status right now."""
        with self._lock:
            return self._status

    def keep_secret(self, secrets: tuple[Secret, ...]) -> None:
        """Mask these, besides those already known, in all free text from now on."""
        with self._lock:
            self._secrets = (*self._secrets, *(s for s in secrets if s not in self._secrets))

    def redact(self, text: str) -> str:
        """``text`` with every known secret masked."""
        return redact(text, self._secrets)

    def publish(self, event: Event) -> None:
        """Mask secrets in the free text of ``event``, fold it into the status, tell everyone."""
        with self._lock:
            event = self.masked(event)
            self._status = after(self._status, event)
            for listener in tuple(self._listeners):
                listener(event)

    def masked(self, event: Event) -> Event:
        """``event`` with secrets masked where it carries free text."""
        if not self._secrets:
            return event
        update = {name: self._mask(getattr(event, name)) for name in event.free_text}
        return event.model_copy(update=update) if update else event

    def _mask(self, value: Any) -> Any:
        if isinstance(value, str):
            return redact(value, self._secrets)
        if isinstance(value, tuple):
            return tuple(self._mask(part) for part in value)
        if isinstance(value, FailureText):
            return self.masked_failure(value)
        return value

    def masked_failure(self, failure: FailureText) -> FailureText:
        """``failure`` with secrets masked in every part."""
        return FailureText(
            **{part: self.redact(text) for part, text in failure.model_dump().items()}
        )

    def subscribe(self, listener: Listener) -> None:
        """Tell ``listener`` the whole status now, and every event from now on."""
        with self._lock:
            self._listeners.append(listener)
            listener(StatusEvent(status=self._status))

    def unsubscribe(self, listener: Listener) -> None:
        """Tell ``listener`` nothing more."""
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)
