"""Telling administrators, once each time, that a directory cannot be asked, and can again."""

from __future__ import annotations

import threading
from typing import Any

from manager.directory.refusals import Unavailable
from manager.directory.storing import StoredDirectory, source_of
from manager.events.event import Severity
from manager.services import Services


class Outages:
    """Which directories could not be asked the last time."""

    def __init__(self, services: Services) -> None:
        """None so far."""
        self._services = services
        self._lock = threading.Lock()
        self._known: set[str] = set()

    def begins(self, stored: StoredDirectory, failure: Unavailable) -> None:
        """The directory could not be asked."""
        with self._lock:
            if stored.id in self._known:
                return
            self._known.add(stored.id)
        self._publish(
            stored,
            "directory.unavailable",
            f"The directory {stored.settings.name} cannot be asked: {failure.cause}",
            Severity.WARNING,
            {"remedy": failure.remedy, "where": failure.where, "details": failure.details},
        )

    def ends(self, stored: StoredDirectory) -> None:
        """The directory has answered."""
        with self._lock:
            if stored.id not in self._known:
                return
            self._known.discard(stored.id)
        text = f"The directory {stored.settings.name} answers again."
        self._publish(stored, "directory.available", text, Severity.INFO, {})

    def known(self) -> frozenset[str]:
        """Identifiers of the directories that could not be asked the last time."""
        with self._lock:
            return frozenset(self._known)

    def _publish(
        self,
        stored: StoredDirectory,
        kind: str,
        text: str,
        severity: Severity,
        data: dict[str, Any],
    ) -> None:
        with self._services.database.writing() as session:
            self._services.events.publish(
                session,
                kind,
                text,
                subject=source_of(stored.id),
                severity=severity,
                data=data,
            )
