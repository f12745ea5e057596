"""The Agents' listener, from the start of the Manager to its end."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy import select

from manager.hosts.listener import listen
from manager.hosts.states import HostState, enter_state
from manager.hosts.tables import HostRow
from manager.services import Services

log = logging.getLogger("flexvdi.manager.agents")


async def run(services: Services) -> None:
    """Listen until cancelled."""
    await asyncio.to_thread(forget_states, services)
    server = await listen(services)
    log.info("listening for Agents on %s", services.settings.agents)
    try:
        await server.serve_forever()
    finally:
        server.close()
        await server.wait_closed()


def forget_states(services: Services) -> None:
    """Nothing is known of any host after a start, but what was incompatible surely still is."""
    with services.database.writing() as session:
        for row in session.scalars(select(HostRow)):
            if row.state not in (HostState.INCOMPATIBLE.value, HostState.JOINING.value):
                enter_state(
                    services,
                    session,
                    row,
                    HostState.UNKNOWN,
                    "The Manager has just started and waits for the host's Agent.",
                )
