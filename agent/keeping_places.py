"""Where the Manager is reached, kept in the host's document as the Manager says and as it is found.

What the Manager says is not taken on trust: the place that is dialled first changes only to one
where the platform's own CA proves that the Manager answers.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from functools import partial

from pydantic import ValidationError

from agent.asking import in_thread
from agent.connection import answers
from agent.protocol.to_agent import ManagerPlaces, Place
from foundation.failure import Failure
from host.api import HostApi
from host.audit import Actor
from host.document.membership import ManagerPlace, Membership
from host.machine.files import Files
from host.membership_files import read_manager

log = logging.getLogger("flexvdi.agent")

_ACTOR = Actor("flexvdi-agent", "the Manager")
_AGAIN = 60.0  # seconds until it is tried again to write down what could not be
Change = Callable[[Membership], Awaitable[Membership]]


class PlacesKeeper:
    """For one connection, over ``context``; ``kept`` is called when the document has changed."""

    def __init__(
        self, host: HostApi, files: Files, context: ssl.SSLContext, kept: Callable[[], None]
    ) -> None:
        """Inside of a running event loop."""
        self._host, self._files, self._context, self._kept = host, files, context, kept
        self._one_at_a_time = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def reached(self, place: ManagerPlace) -> None:
        """The Manager was reached at ``place``: it comes first, unless the first answers too.

        That is so after a restart of the Manager, where only luck decides which one is tried next.
        """

        async def first(known: Membership) -> Membership:
            before = known.places[0]
            if before == place or await answers(known.at(before), self._context):
                return known
            return known.at(place, *known.places)

        self._begin(first)

    def told(self, message: ManagerPlaces) -> None:
        """The Manager has said where it is."""
        places = tuple(read for place in message.places if (read := _read(place)) is not None)

        async def follow(known: Membership) -> Membership:
            if not places or known.places[0] in places:
                return known.told(places)
            for place in places:
                if await answers(known.at(place), self._context):
                    return known.at(place, *places, *known.places)
            return known.told(places)

        self._begin(follow)

    async def end(self) -> None:
        """Stop what is not written down yet: the Manager says it again over the next connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, change: Change) -> None:
        task = asyncio.create_task(self._keep(change))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, change: Change) -> None:
        async with self._one_at_a_time:
            while True:
                try:
                    if await self._changed(change):
                        self._kept()
                    return
                except Failure as failure:
                    # Another change of the host is under way, or waits to be confirmed.
                    log.warning("where the Manager is could not be kept: %s", failure)
                    await asyncio.sleep(_AGAIN)

    async def _changed(self, change: Change) -> bool:
        known = read_manager(self._files)
        wanted = await change(known) if known is not None else None
        if wanted is None or wanted == known:
            return False
        changed = await in_thread(partial(self._host.membership.keep_places, wanted, _ACTOR))
        if changed:
            names = ", ".join(str(place) for place in wanted.places)
            log.info("the Manager is reached at %s", names)
        return changed


def _read(place: Place) -> ManagerPlace | None:
    """``place`` as the document has it; None for what is no address here."""
    try:
        return ManagerPlace(**dict(place))
    except ValidationError:
        log.warning("%s is no address of a Manager", place.address[:100])
        return None
