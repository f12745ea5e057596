"""Commands to hosts: written down, said until there is a result, and waited for by tasks."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from agent.protocol.to_agent import CancelCommand, Command
from agent.protocol.to_manager import CommandProgress, CommandResult
from foundation.failure import Cancelled, Failure
from manager.database.engine import DatabaseAway
from manager.hosts.live import LiveHosts
from manager.hosts.tables import HostCommandRow, HostRow
from manager.problems import Conflict, no_such
from manager.services import Services
from manager.tasks.run import TaskRun
from manager.tasks.tables import TaskRow
from manager.tasks.task import OPEN, TaskState

_WAITING = "waiting"
# Its task has ended without a result: it is said to the host no more, whatever comes back.
_GIVEN_UP = "given-up"
_LOOK_EVERY = 2.0  # seconds, should the news of a result have been missed
_HEARD_WITHIN = 60.0  # seconds that a host may take to be connected
_ATTEMPTS = 3
_JUST_NOW = timedelta(minutes=2)
_OPEN = tuple(TaskState(state) for state in OPEN)


@dataclass
class _Awaited:
    """A command that a task waits for."""

    news: threading.Event = field(default_factory=threading.Event)
    progress: CommandProgress | None = None


class AwaitedCommands:
    """Those whose tasks run in this process; used from all threads."""

    def __init__(self, _services: Services) -> None:
        """None."""
        self._lock = threading.Lock()
        self._awaited: dict[str, _Awaited] = {}

    def begin(self, command: str) -> _Awaited:
        """Wait for ``command``."""
        with self._lock:
            return self._awaited.setdefault(command, _Awaited())

    def end(self, command: str) -> None:
        """No longer."""
        with self._lock:
            self._awaited.pop(command, None)

    def tell(self, command: str, progress: CommandProgress | None = None) -> None:
        """There is news of ``command``: progress, or its result in the database."""
        with self._lock:
            awaited = self._awaited.get(command)
        if awaited is not None:
            awaited.progress = progress or awaited.progress
            awaited.news.set()


def have_host_do(
    run: TaskRun, host: str, verb: str, arguments: dict[str, Any], *, timeout: int = 300
) -> dict[str, Any]:
    """As steps of ``run``: have ``host`` carry out ``verb``, and return what it answers.

    A command that was interrupted by its Agent's death is given again; all verbs can be done
    twice. Raises Failure with the host's own words.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        command = f"{run.id}.{verb}.{attempt}"
        ended: dict[str, Any] = run.step(
            f"{verb} {attempt}", _command, run, command, host, verb, arguments, timeout
        )
        if ended["state"] != "interrupted":
            break
    if ended["state"] == "done":
        value: dict[str, Any] = ended["value"]
        return value
    words = ended["failure"] or {"cause": f"The host ended {verb} as {ended['state']}."}
    if ended["state"] == "cancelled":
        raise Cancelled("the host carried it out")
    raise Failure(
        words["cause"],
        words.get("remedy", ""),
        where=words.get("where", ""),
        details=words.get("details", ""),
    )


def _command(
    run: TaskRun, command: str, host: str, verb: str, arguments: dict[str, Any], timeout: int
) -> dict[str, Any]:
    services = run.services
    awaited = services.part(AwaitedCommands).begin(command)
    try:
        _write_down(services, command, host, verb, arguments, run.principal.name, timeout)
        give_waiting(services, host)
        return _await(run, awaited, command, host, timeout)
    except DatabaseAway:
        raise  # the step is done again once it is back
    except Failure:
        # The person was told that it failed: it must not happen behind their back hours later,
        # when the host comes back.
        _give_up(services, host, command)
        services.part(LiveHosts).say(host, CancelCommand(id=command))
        raise
    finally:
        services.part(AwaitedCommands).end(command)


def _write_down(
    services: Services,
    command: str,
    host: str,
    verb: str,
    arguments: dict[str, Any],
    who: str,
    timeout: int,
) -> None:
    with services.database.writing() as session:
        if session.get(HostRow, host) is None:
            raise no_such("host", host)
        if session.get(HostCommandRow, command) is None:
            session.add(
                HostCommandRow(
                    id=command,
                    host=host,
                    verb=verb,
                    arguments=arguments,
                    who=who,
                    created=services.clock(),
                    timeout=timeout,
                    state=_WAITING,
                )
            )


def _await(
    run: TaskRun, awaited: _Awaited, command: str, host: str, timeout: int
) -> dict[str, Any]:
    services, live = run.services, run.services.part(LiveHosts)
    began = heard = time.monotonic()
    asked_to_cancel = False
    while True:
        awaited.news.wait(_LOOK_EVERY)
        awaited.news.clear()
        with services.database.reading() as session:
            row = session.get(HostCommandRow, command)
            if row is None:
                raise Failure("The host was removed.", "There is nothing left to do.")
            if row.state != _WAITING:
                return {"state": row.state, "value": row.result or {}, "failure": row.failure}
        now = time.monotonic()
        if live.connected(host) is not None:
            heard = now
        elif now - heard > _HEARD_WITHIN:
            raise Conflict(
                "The host is not connected, so it could not be told.",
                "See why on the host's page; then start the task again.",
            )
        if now - began > timeout + _HEARD_WITHIN:
            raise Failure("The host did not answer in time.", "See how things are on the host.")
        if run.cancelled.is_set() and not asked_to_cancel:
            asked_to_cancel = live.say(host, CancelCommand(id=command))
        elif awaited.progress is not None and not run.cancelled.is_set():
            part = awaited.progress.fraction
            run.progress(int(100 * part) if part is not None else 50, awaited.progress.text)


def _give_up(services: Services, host: str, command: str) -> None:
    with services.database.writing() as session:
        session.execute(
            update(HostCommandRow)
            .where(
                HostCommandRow.id == command,
                HostCommandRow.host == host,
                HostCommandRow.state == _WAITING,
            )
            .values(state=_GIVEN_UP)
        )


def give_up_abandoned(services: Services) -> None:
    """Those whose tasks ended some other way: by their deadline, or cut off for good."""
    with services.database.reading() as session:
        rows = session.scalars(select(HostCommandRow).where(HostCommandRow.state == _WAITING)).all()
        abandoned = [row for row in rows if not _is_wanted(services, session, row)]
    for row in abandoned:
        _give_up(services, row.host, row.id)


def _is_wanted(services: Services, session: Session, row: HostCommandRow) -> bool:
    """Whether the command's task still waits for it; one that is just written down has none yet."""
    task = session.get(TaskRow, row.id.partition(".")[0])
    if task is None:
        return services.clock() - row.created < _JUST_NOW
    return TaskState(task.state) in _OPEN


def give_waiting(services: Services, host: str) -> None:
    """Say what ``host`` has not answered yet; those under way are known to it by their id."""
    live = services.part(LiveHosts)
    known = live.connected(host)
    if known is None:
        return
    with services.database.reading() as session:
        rows = session.scalars(
            select(HostCommandRow)
            .where(HostCommandRow.host == host, HostCommandRow.state == _WAITING)
            .order_by(HostCommandRow.created)
        ).all()
        wanted = [row for row in rows if _is_wanted(services, session, row)]
    for row in wanted:
        live.say(
            host,
            Command(
                id=row.id,
                epoch=known.epoch,
                verb=row.verb,
                arguments=row.arguments,
                who=row.who,
                timeout=row.timeout,
            ),
        )


def take_result(services: Services, host: str, result: CommandResult) -> None:
    """Keep a result; one that is known already is passed over."""
    with services.database.writing() as session:
        session.execute(
            update(HostCommandRow)
            .where(
                HostCommandRow.id == result.id,
                HostCommandRow.host == host,
                HostCommandRow.state == _WAITING,
            )
            .values(
                state=result.state,
                result=result.value,
                failure=result.failure.model_dump() if result.failure is not None else None,
            )
        )
    services.part(AwaitedCommands).tell(result.id)
