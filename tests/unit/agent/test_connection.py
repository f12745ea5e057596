"""A connection that is told to end does end, whatever it is just doing."""

from __future__ import annotations

import asyncio
from typing import cast

from websockets.asyncio.client import ClientConnection

from agent.connection import Connection
from agent.protocol.message import Part
from agent.protocol.to_agent import ToAgent, Welcome
from agent.protocol.to_manager import Heartbeat
from host.document.membership import Membership

# Seconds; only a connection that hangs takes them.
_PATIENCE = 30


class SocketThatEndsItsUser:
    """Hears nothing, and has what runs on it cancelled in the moment in which a frame is sent."""

    def __init__(self) -> None:
        self.user: asyncio.Task[None] | None = None

    async def send(self, _frame: str) -> None:
        assert self.user is not None
        asyncio.get_running_loop().call_soon(self.user.cancel)

    def __aiter__(self) -> SocketThatEndsItsUser:
        return self

    async def __anext__(self) -> str:
        return await asyncio.get_running_loop().create_future()


def test_a_cancellation_in_the_moment_of_sending_is_not_lost() -> None:
    async def story() -> bool:
        socket = SocketThatEndsItsUser()
        manager = Membership(address="10.0.0.1", fingerprint="ab" * 32)
        welcome = cast(Welcome, None)
        connection = Connection(cast(ClientConnection, socket), manager, welcome)
        waiting: asyncio.Queue[Part] = asyncio.Queue()
        waiting.put_nowait(Heartbeat(at=0.0))

        async def heard(_message: ToAgent) -> None:
            return

        socket.user = asyncio.create_task(connection.run(waiting.get, heard))
        done, _ = await asyncio.wait({socket.user}, timeout=_PATIENCE)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        return bool(done) and socket.user.cancelled()

    assert asyncio.run(story())
