"""One connection to the Manager: dialled, greeted, and then spoken over until it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from agent.protocol.frames import MOST_TO_AGENT, SUBPROTOCOL, encode, read_from_manager
from agent.protocol.message import Part
from agent.protocol.to_agent import Refused, ToAgent, Welcome
from agent.protocol.to_manager import Hello
from foundation.failure import Failure
from foundation.joining import OWN_CA_NAME, bracketed
from host.document.membership import Membership

# Seconds. A Manager on a busy or emulated machine takes long for TLS; one that is gone is found out
# by the kernel, or costs no more than the wait between two attempts.
_OPEN_WITHIN = 60.0
_SAID_WITHIN = 60.0
# What a connection that is cut without a word is found out by, in both directions.
_PING_EVERY, _PONG_WITHIN = 10.0, 20.0


class RefusedByManager(Failure):
    """The Manager answered, and will not talk to this Agent; ``code`` is the protocol's."""

    def __init__(self, message: Refused) -> None:
        """In the Manager's words."""
        super().__init__(message.cause, message.remedy)
        self.code = message.code


def tls_context(ca: Path, credentials: Path) -> ssl.SSLContext:
    """TLS that trusts the platform's CA alone, and shows who this host is.

    The name in the Manager's certificate is not compared: its CA makes servers' certificates for
    the Manager only, and the Manager may be reached by an address it does not know of itself.
    Raises Failure when the files cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_verify_locations(ca)
        context.load_cert_chain(credentials)
    except (OSError, ssl.SSLError) as error:
        raise Failure(
            f"The host's certificate for the Manager cannot be used: {error.strerror or error}.",
            "Leave the platform with `flexvdi-config manager leave`, and join it again.",
        ) from error
    return context


@contextlib.asynccontextmanager
async def _explained(manager: Membership) -> AsyncIterator[None]:
    place = f"{bracketed(manager.address)}:{manager.agents_port}"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise Failure(
            f"The Manager's certificate is not accepted: {error.verify_message}.",
            "Check the clocks of host and Manager, and that no other machine has its address.",
        ) from error
    except ssl.SSLError as error:
        raise Failure(
            f"The Manager at {place} does not accept this host's certificate"
            f" ({(error.reason or str(error)).lower().replace('_', ' ')}).",
            "If it has expired or the Manager was installed anew, leave the platform and join it "
            "again.",
        ) from error
    except TimeoutError as error:
        raise Failure(
            f"The Manager at {place} does not answer.", "It is tried again and again."
        ) from error
    except ConnectionClosed as error:
        raise Failure(
            f"The connection to the Manager at {place} was lost.", "It is dialled again."
        ) from error
    except (OSError, InvalidHandshake) as error:
        words = _in_words(error)
        raise Failure(
            f"The Manager at {place} cannot be reached: {words}.",
            "It is tried again and again; check that the Manager runs, and the network.",
        ) from error


def _in_words(error: Exception) -> str:
    """The kernel's words for an error number: asyncio's own do not say what was wrong."""
    number = getattr(error, "errno", None)
    named = os.strerror(number) if isinstance(number, int) and number > 0 else ""
    return (named or str(error)).rstrip(".")


class Connection:
    """A greeted connection; ``welcome`` is what the Manager answered."""

    def __init__(self, socket: ClientConnection, manager: Membership, welcome: Welcome) -> None:
        """Made by :func:`dial`."""
        self._socket, self._manager = socket, manager
        self.welcome = welcome

    async def run(
        self,
        next_message: Callable[[], Awaitable[Part]],
        heard: Callable[[ToAgent], Awaitable[None]],
    ) -> None:
        """Say what ``next_message`` yields and hand over what is heard, until one of them raises.

        Raises Failure when the connection is lost.
        """
        async with _explained(self._manager):
            tasks = [
                asyncio.create_task(self._say_all(next_message)),
                asyncio.create_task(self._hear_all(heard)),
            ]
            try:
                done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def say(self, message: Part) -> None:
        """Say one thing; waits while the Manager does not take it."""
        async with _explained(self._manager):
            await self._send(message)

    async def ping(self) -> None:
        """Return when the Manager has answered a ping; raises Failure when the connection ends."""
        async with _explained(self._manager):
            await (await self._socket.ping())

    async def _say_all(self, next_message: Callable[[], Awaitable[Part]]) -> None:
        while True:
            await self._send(await next_message())

    async def _send(self, message: Part) -> None:
        # Not wait_for(): before Python 3.12 it loses a cancellation that comes as it ends, and
        # whoever cancelled would wait for ever.
        async with asyncio.timeout(_SAID_WITHIN):
            await self._socket.send(encode(message))

    async def _hear_all(self, heard: Callable[[ToAgent], Awaitable[None]]) -> None:
        async for frame in self._socket:
            message = read_from_manager(frame)
            if message is not None:
                await heard(message)
        raise Failure("The Manager closed the connection.", "It is dialled again.")


async def _open(manager: Membership, context: ssl.SSLContext) -> ClientConnection:
    async with _explained(manager):
        return await connect(
            f"wss://{bracketed(manager.address)}:{manager.agents_port}/",
            ssl=context,
            server_hostname=OWN_CA_NAME,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            max_size=MOST_TO_AGENT,
            open_timeout=_OPEN_WITHIN,
            ping_interval=_PING_EVERY,
            ping_timeout=_PONG_WITHIN,
            close_timeout=3,
            proxy=None,
        )


async def answers(manager: Membership, context: ssl.SSLContext) -> bool:
    """Whether this very Manager answers there, proven by its CA; nothing is said to it."""
    try:
        socket = await _open(manager, context)
    except Failure:
        return False
    await socket.close()
    return True


@contextlib.asynccontextmanager
async def dial(
    manager: Membership, context: ssl.SSLContext, hello: Hello
) -> AsyncIterator[Connection]:
    """Yield a greeted Connection; raises RefusedByManager, or Failure when there is none."""
    socket = await _open(manager, context)
    try:
        async with _explained(manager):
            await socket.send(encode(hello))
            async with asyncio.timeout(_OPEN_WITHIN):
                answer = read_from_manager(await socket.recv())
        if isinstance(answer, Refused):
            raise RefusedByManager(answer)
        if not isinstance(answer, Welcome):
            raise Failure(
                "The Manager does not answer as one.", "Upgrade the older of host and Manager."
            )
        yield Connection(socket, manager, answer)
    finally:
        await socket.close()
