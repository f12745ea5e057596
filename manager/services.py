"""What everything in the Manager works with, in one value."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from foundation.failure import Failure
from manager.certificates.authority import CertificateAuthority
from manager.certificates.secret_box import SecretBox
from manager.clock import Clock, system_clock
from manager.database.engine import Database
from manager.database.migrating import migrate
from manager.events.hub import EventHub
from manager.settings import RESTORE_MARK, Settings, prepare_state
from manager.tasks.registry import all_kinds
from manager.tasks.service import TaskEngine, Tasks

Part = TypeVar("Part")


class Parts:
    """What areas keep in memory for the whole process, one of each type, made when first asked."""

    def __init__(self) -> None:
        """Empty."""
        self._lock = threading.RLock()
        self._made: dict[Any, Any] = {}

    def get(self, services: Services, kind: Callable[[Services], Part]) -> Part:
        """The one that ``kind(services)`` made."""
        with self._lock:
            if kind not in self._made:
                self._made[kind] = kind(services)
            return cast("Part", self._made[kind])


@dataclass(frozen=True)
class Services:
    """Settings, database, clock, certificates, secrets, events and tasks."""

    settings: Settings
    database: Database
    clock: Clock
    authority: CertificateAuthority
    secret_box: SecretBox
    events: EventHub
    tasks: Tasks
    parts: Parts = field(default_factory=Parts)

    def part(self, kind: Callable[[Services], Part]) -> Part:
        """An area's own object that lives as long as the process: ``services.part(LiveHosts)``."""
        return self.parts.get(self, kind)


def open_services(
    settings: Settings, engine: TaskEngine, *, clock: Clock = system_clock
) -> Services:
    """Open the state of a Manager: certificates, keys, and its database brought up to date.

    Tasks are not carried out yet. Raises Failure where any of it cannot be used.
    """
    state = prepare_state(settings.state)
    if (state / RESTORE_MARK).exists():
        raise Failure(
            "A restore was begun here and not finished.",
            "Give the same `flexvdi-manager restore` again, with the file that "
            f"{state / RESTORE_MARK} names.",
        )
    database = Database(settings.database_url)
    migrate(database)
    return Services(
        settings=settings,
        database=database,
        clock=clock,
        authority=CertificateAuthority(state / "certificates", clock),
        secret_box=SecretBox(state / "secret.key"),
        events=EventHub(clock),
        tasks=Tasks(engine, all_kinds()),
    )


def services_of(connection: HTTPConnection) -> Services:
    """The services of the application that answers."""
    return cast("Services", connection.app.state.services)


async def _given(connection: HTTPConnection) -> Services:
    # Asynchronous because it never blocks: a plain function would cost a change of threads.
    return services_of(connection)


# How a handler gets them: ``def handler(services: WithServices) -> ...``.
WithServices = Annotated[Services, Depends(_given)]
