"""The Agent: watches the host, keeps a connection to the Manager, and does what it says.

Watching goes on whether the Manager is there or not. When the Agent stops, nothing on the host
does: guests belong to libvirt.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from agent import renewal, service_manager
from agent.asking import in_thread
from agent.backoff import Backoff
from agent.connection import Connection, RefusedByManager, dial, tls_context
from agent.executor import Executor
from agent.farewell import farewell, was_heard
from agent.joining import has_token, join_with_token
from agent.keeping_places import PlacesKeeper
from agent.observing import Observer
from agent.outbox import Outbox
from agent.protocol.message import Part
from agent.protocol.to_agent import (
    CancelCommand,
    Command,
    ManagerPlaces,
    NewCertificate,
    Removed,
    RenewCertificate,
    Resend,
    ResultKept,
    ToAgent,
)
from agent.protocol.to_manager import Heartbeat, Hello
from agent.protocol.version import PROTOCOL
from agent.report import Report
from agent.results import Results
from agent.rotation import Rotation
from agent.snapshot import Snapshot, difference, whole
from foundation.failure import Failure
from host.api import HostApi
from host.document.membership import Membership
from host.machine.files import Files
from host.membership_files import (
    CA_FILE,
    CREDENTIALS_FILE,
    MANAGER_FILE,
    Member,
    certificate_until,
    forget_member,
    read_manager,
    read_member,
)

log = logging.getLogger("flexvdi.agent")

_LOOK_AT_HOST_EVERY = 60.0  # seconds
_LOOK_AT_GUESTS_EVERY = 5.0
_LOOK_FOR_MEMBERSHIP_EVERY = 3.0
_RENEW_EVERY = 3600.0
_FAREWELL = 5.0
# Where somebody has to do something first, the Manager is not asked every minute.
_REFUSED_WAIT = (20.0, 300.0)


class Stopped(Exception):
    """The Agent was told to stop."""


class Agent:
    """The Agent of ``host``, whose membership is in ``files`` below ``root``."""

    def __init__(self, host: HostApi, files: Files, root: Path) -> None:
        """Inside of a running event loop."""
        self._host, self._files, self._root = host, files, root
        self._report = Report(files)
        self._observer = Observer(host)
        self._outbox = Outbox()
        self._results = Results(root / "var/lib/flexvdi/agent/commands")
        self._executor = Executor(
            host,
            self._results,
            self._outbox.put_result,
            self._is_heard_within,
            self._look_again,
        )
        self._said = Snapshot()
        self._sequence = 0
        self._connection: Connection | None = None
        self._rotation = Rotation()
        self._stop = asyncio.Event()
        self._look = asyncio.Event()
        self._start = uuid.uuid4().hex
        self._loop = asyncio.get_running_loop()

    def stop(self) -> None:
        """End as soon as the Manager was told; safe to call repeatedly."""
        self._stop.set()

    async def run(self) -> None:
        """Until :meth:`stop`."""
        watching = [
            asyncio.create_task(self._watch_host()),
            asyncio.create_task(_repeatedly(_LOOK_AT_GUESTS_EVERY, self._watch_guests)),
        ]
        interval = service_manager.watchdog_interval()
        if interval is not None:
            watching.append(asyncio.create_task(_repeatedly(interval, _say_alive)))
        service_manager.tell(READY="1")
        try:
            await self._keep_connected()
        finally:
            service_manager.tell(STOPPING="1")
            self._report.say("stopped")
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    async def _keep_connected(self) -> None:
        backoff, slow = Backoff(), Backoff(*_REFUSED_WAIT)
        while not self._stop.is_set():
            wait = backoff
            try:
                member, manager = read_member(self._files), read_manager(self._files)
                if member is None or manager is None:
                    await self._become_member()
                    backoff.reset()
                    continue
                self._report.say("connecting", None)
                await self._while_connected(member, self._rotation.next(manager), backoff)
            except Stopped:
                return
            except Failure as failure:
                told = self._rotation.failed(failure)
                if told is None:
                    continue  # the Manager has another place
                if isinstance(told, RefusedByManager):
                    self._report.say("refused", told)
                    wait = backoff if told.code == "busy" else slow
                else:
                    self._report.say("connecting", self._better_explained(told))
            await self._sleep_unless_moved(wait.wait())

    async def _become_member(self) -> None:
        if not has_token(self._files):
            self._report.say("stopped", Failure("This host belongs to no platform."))
            await self._sleep(_LOOK_FOR_MEMBERSHIP_EVERY)
            return
        self._report.say("joining")
        await in_thread(partial(join_with_token, self._host, self._files))

    async def _while_connected(self, member: Member, manager: Membership, backoff: Backoff) -> None:
        context = tls_context(self._root / CA_FILE, self._root / CREDENTIALS_FILE)
        async with dial(manager, context, await self._hello(member)) as connection:
            self._begin(connection)
            self._rotation.answered()
            backoff.reset()
            places = PlacesKeeper(self._host, self._files, context, self._look_again)
            places.reached(manager.places[0])
            renewing = renewal.Renewal(self._files, member.host_id, manager.fingerprint)
            welcome = connection.welcome
            ticking = [
                asyncio.create_task(_repeatedly(seconds, tick))
                for seconds, tick in (
                    (welcome.heartbeat_interval, self._beat),
                    (welcome.statistics_interval, self._sample),
                    (_RENEW_EVERY, partial(self._renew_if_due, renewing)),
                )
            ]
            try:
                self._report.say("connected")
                speaking = asyncio.create_task(
                    connection.run(
                        partial(self._outbox.next, self._changes),
                        partial(self._heard, renewing, places),
                    )
                )
                await self._until_stopped(speaking, connection)
            finally:
                self._connection = None
                await places.end()
                for task in ticking:
                    task.cancel()
                await asyncio.gather(*ticking, return_exceptions=True)

    async def _until_stopped(self, speaking: asyncio.Task[None], connection: Connection) -> None:
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((speaking, stopping), return_when=asyncio.FIRST_COMPLETED)
            if speaking.done():
                speaking.result()
                return
            await connection.say(farewell(self._files))
            # The Manager answers `removed` to a farewell for good, and closes.
            await asyncio.wait((speaking,), timeout=_FAREWELL)
            raise Stopped
        finally:
            stopping.cancel()
            speaking.cancel()
            await asyncio.gather(speaking, stopping, return_exceptions=True)

    def _begin(self, connection: Connection) -> None:
        self._connection = connection
        self._executor.epoch = connection.welcome.epoch
        self._said, self._sequence = Snapshot(), 0
        self._outbox.clear()
        for result in self._results.unacknowledged():
            self._outbox.put_result(result)

    async def _hello(self, member: Member) -> Hello:
        hardware = await in_thread(self._host.operation.hardware)
        identity = self._host.identity()
        return Hello(
            protocol=str(PROTOCOL),
            host_id=member.host_id,
            agent_version=identity.version,
            host_name=identity.hostname,
            boot_id=hardware.boot_id,
            agent_start=self._start,
            epoch=self._executor.epoch,
        )

    async def _heard(
        self, renewing: renewal.Renewal, places: PlacesKeeper, message: ToAgent
    ) -> None:
        if isinstance(message, Command):
            self._executor.begin(message)
        elif isinstance(message, CancelCommand):
            self._executor.cancel(message.id)
        elif isinstance(message, ResultKept):
            self._results.acknowledge(message.id)
        elif isinstance(message, Resend):
            self._said = Snapshot()
            self._outbox.wake()
        elif isinstance(message, RenewCertificate):
            self._outbox.put("certificate", renewing.ask())
        elif isinstance(message, NewCertificate):
            if renewing.take(message):
                raise Failure("The certificate was renewed: dialling with the new one.")
        elif isinstance(message, ManagerPlaces):
            places.told(message)
        elif isinstance(message, Removed):
            self._removed(message)

    def _removed(self, message: Removed) -> None:
        if self._stop.is_set():
            was_heard(self._files)
            return
        forget_member(self._files)
        log.warning("this host was removed from its platform: %s", message.reason)
        raise Failure(
            f"This host was removed from its platform: {message.reason}",
            "Join again with `flexvdi-config manager join` if it shall belong to one.",
        )

    def _changes(self) -> Part | None:
        now = self._observer.snapshot
        said: Part | None
        if self._said.host is None:
            said = whole(now, self._sequence + 1)
        else:
            said = difference(self._said, now, self._sequence + 1)
        if said is not None:
            self._said, self._sequence = now, self._sequence + 1
        return said

    async def _watch_host(self) -> None:
        while True:
            await self._observer.look_at_host()
            self._outbox.wake()
            self._look.clear()
            try:
                async with asyncio.timeout(_LOOK_AT_HOST_EVERY):
                    await self._look.wait()
            except TimeoutError:
                continue

    async def _watch_guests(self) -> None:
        await self._observer.look_at_guests()
        self._outbox.wake()

    def _look_again(self) -> None:
        self._look.set()

    async def _beat(self) -> None:
        self._outbox.put("heartbeat", Heartbeat(at=time.time()))

    async def _sample(self) -> None:
        sample = self._observer.statistics(time.time())
        if sample is not None:
            self._outbox.put_statistics(sample)

    async def _renew_if_due(self, renewing: renewal.Renewal) -> None:
        if renewal.is_due(self._files, datetime.datetime.now(datetime.UTC)):
            self._outbox.put("certificate", renewing.ask())

    def _is_heard_within(self, seconds: float) -> bool:
        """For threads: whether the Manager answers now, over this connection or the next."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            connection = self._connection
            if connection is not None:
                answer = asyncio.run_coroutine_threadsafe(connection.ping(), self._loop)
                try:
                    answer.result(timeout=deadline - time.monotonic())
                    return True
                except (Failure, TimeoutError, asyncio.CancelledError):
                    answer.cancel()
            time.sleep(0.2)
        return False

    def _better_explained(self, failure: Failure) -> Failure:
        until = certificate_until(self._files)
        if until is None or until > time.time():
            return failure
        day = datetime.datetime.fromtimestamp(until, datetime.UTC)
        return Failure(
            f"This host's certificate for the Manager expired on {day:%Y-%m-%d}.",
            "Check the host's clock. If it is right, leave the platform and join it again.",
        )

    async def _sleep_unless_moved(self, seconds: float) -> None:
        """Sleep; shorter when somebody says meanwhile that the Manager is somewhere else."""
        before, until = self._files.read(MANAGER_FILE), time.monotonic() + seconds
        while not self._stop.is_set() and (left := until - time.monotonic()) > 0:
            await self._sleep(min(left, _LOOK_FOR_MEMBERSHIP_EVERY))
            if self._files.read(MANAGER_FILE) != before:
                return

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return


async def _repeatedly(seconds: float, act: Callable[[], Awaitable[None]]) -> None:
    """Call ``act`` now and every ``seconds``; one that is late is not made up for."""
    while True:
        began = time.monotonic()
        try:
            await act()
        except Failure as failure:
            log.warning("%s", failure)
        await asyncio.sleep(max(seconds - (time.monotonic() - began), 0.05))


async def _say_alive() -> None:
    service_manager.tell(WATCHDOG="1")
