"""What the Manager does with what one connected host says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import singledispatchmethod

from agent.protocol.message import Part
from agent.protocol.to_agent import NewCertificate, Removed, Resend, ResultKept
from agent.protocol.to_manager import (
    CertificateRequest,
    Changes,
    CommandProgress,
    CommandResult,
    Inventory,
    Leaving,
    Statistics,
)
from manager.hosts.certificates import issue
from manager.hosts.commands import AwaitedCommands, give_waiting, take_result
from manager.hosts.inventory import take_changes, take_inventory
from manager.hosts.leaving import host_leaves
from manager.hosts.live import LiveHosts
from manager.hosts.places import own_places
from manager.hosts.tables import HostRow
from manager.problems import Conflict
from manager.services import Services


class Conversation:
    """With one host, in the event loop; what blocks goes into threads, one at a time.

    Being one at a time is what slows down a host that says more than the database takes.
    """

    def __init__(
        self, services: Services, host: str, serial: str, say: Callable[[Part], None]
    ) -> None:
        """``serial`` is that of the certificate which the host came with."""
        self._services, self._host, self._serial, self._say = services, host, serial, say
        self._sequence: int | None = None

    async def begin(self) -> None:
        """Right after ``welcome``."""
        self._say(await asyncio.to_thread(own_places, self._services))
        await asyncio.to_thread(give_waiting, self._services, self._host)

    @singledispatchmethod
    async def hear(self, message: Part) -> None:
        """Deal with a message; those that need nothing (a heartbeat) end here."""

    @hear.register
    async def _inventory(self, message: Inventory) -> None:
        self._sequence = message.sequence
        await self._persistently(take_inventory, message.host, message.guests)

    @hear.register
    async def _changes(self, message: Changes) -> None:
        if self._sequence is None or message.sequence != self._sequence + 1:
            self._sequence = None
            self._say(Resend())
            return
        self._sequence = message.sequence
        await self._persistently(take_changes, message.host, message.guests, message.gone)

    @hear.register
    async def _statistics(self, message: Statistics) -> None:
        self._services.part(LiveHosts).note(self._host, message)

    @hear.register
    async def _progress(self, message: CommandProgress) -> None:
        self._services.part(AwaitedCommands).tell(message.id, message)

    @hear.register
    async def _result(self, message: CommandResult) -> None:
        await self._persistently(take_result, message)
        self._say(ResultKept(id=message.id))

    @hear.register
    async def _certificate(self, message: CertificateRequest) -> None:
        made = await asyncio.to_thread(self._issue, message.request)
        self._say(NewCertificate(certificate=made, ca=self._services.authority.certificate))

    @hear.register
    async def _leaving(self, message: Leaving) -> None:
        if message.for_good:
            await self._persistently(host_leaves, message.reason)
            self._say(Removed(reason="It has left."))
            self._services.part(LiveHosts).forget(self._host)

    def _issue(self, request: str) -> str:
        # The old certificate stays valid: until the new one is on the host's disk it is needed.
        with self._services.database.writing() as session:
            row = session.get(HostRow, self._host)
            name = row.name if row is not None else self._host
            return issue(self._services, session, request, self._host, name).certificate

    async def _persistently(self, act: Callable[..., None], *arguments: object) -> None:
        """Call ``act(services, host, *arguments)``; again when somebody else was quicker."""
        for _attempt in range(5):
            try:
                await asyncio.to_thread(act, self._services, self._host, *arguments)
                return
            except Conflict:
                continue
        await asyncio.to_thread(act, self._services, self._host, *arguments)
