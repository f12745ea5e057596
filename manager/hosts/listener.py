"""Where Agents connect: WebSocket over mutual TLS, with certificates of the platform's own CA."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import Any

from cryptography import x509
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from agent.protocol.frames import (
    MOST_TO_MANAGER,
    SUBPROTOCOL,
    UnreadableFrame,
    encode,
    read_from_agent,
)
from agent.protocol.message import Part
from agent.protocol.to_agent import Refused, Welcome
from agent.protocol.to_manager import Hello
from foundation.failure import Failure
from manager.certificates.authority import host_of
from manager.certificates.live import LiveCertificates
from manager.hosts.admission import admit
from manager.hosts.conversation import Conversation
from manager.hosts.live import LiveHosts
from manager.listening import bound_socket, plain_address
from manager.services import Services

log = logging.getLogger("flexvdi.manager.agents")

_OPEN_WITHIN, _HELLO_WITHIN = 60.0, 60.0  # seconds; both sides may be slow
_PING_EVERY, _PONG_WITHIN = 15.0, 30.0
_MOST_UNSAID = 1000  # messages that wait for one host


def tls_context(services: Services) -> ssl.SSLContext:
    """TLS 1.3 that lets in only who has a certificate of our CA."""
    authority = services.authority
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.certificate_file)
    context.load_cert_chain(authority.server_certificate_file, authority.server_key_file)
    services.part(LiveCertificates).attach(context)
    return context


async def listen(services: Services) -> Server:
    """Listen; raises Failure where that is not possible."""
    listening = bound_socket(services.settings.agents, "--agents")

    async def handle(socket: ServerConnection) -> None:
        await _handle(services, socket)

    return await serve(
        handle,
        sock=listening,
        ssl=tls_context(services),
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        compression=None,
        max_size=MOST_TO_MANAGER,
        max_queue=4,
        open_timeout=_OPEN_WITHIN,
        ping_interval=_PING_EVERY,
        ping_timeout=_PONG_WITHIN,
        close_timeout=3,
        server_header=None,
    )


async def _handle(services: Services, socket: ServerConnection) -> None:
    try:
        await _converse(services, socket)
    except (ConnectionClosed, TimeoutError, ConnectionError):
        return
    except UnreadableFrame as failure:
        log.warning("%s: %s", socket.remote_address, failure)
        await socket.close(1002, failure.cause[:100])
    except Failure as failure:
        log.warning("%s: %s", socket.remote_address, failure)
        await socket.close(1011, failure.cause.encode()[:100].decode(errors="ignore"))


async def _converse(services: Services, socket: ServerConnection) -> None:
    certificate = _certificate_of(socket)
    identity = host_of(certificate)
    async with asyncio.timeout(_HELLO_WITHIN):
        hello = read_from_agent(await socket.recv())
    if identity is None or not isinstance(hello, Hello):
        raise UnreadableFrame("This is no Agent.")
    serial = f"{certificate.serial_number:x}"
    address = plain_address(str(socket.remote_address[0]))
    answer = await asyncio.to_thread(admit, services, identity, certificate, hello, address)
    await socket.send(encode(answer))
    if isinstance(answer, Refused):
        log.info("host %s is refused: %s", identity, answer.cause)
        await socket.close(1008, answer.code)
        return
    await _talk(services, socket, identity, serial, hello, answer)


async def _talk(
    services: Services,
    socket: ServerConnection,
    host: str,
    serial: str,
    hello: Hello,
    welcome: Welcome,
) -> None:
    live, loop = services.part(LiveHosts), asyncio.get_running_loop()
    unsaid: asyncio.Queue[Part | None] = asyncio.Queue(_MOST_UNSAID)

    def put(message: Part | None) -> None:
        if unsaid.full():  # a host that takes nothing is cut off, and is told all when it is back
            loop.create_task(socket.close(1013, "too slow"))
        else:
            unsaid.put_nowait(message)

    def from_any_thread(message: Part | None) -> None:
        _in(loop, put, message)

    live.connect(host, welcome.epoch, hello.boot_id, from_any_thread, lambda: from_any_thread(None))
    speaking = asyncio.create_task(_say_all(socket, unsaid))
    conversation = Conversation(services, host, serial, put)
    try:
        await conversation.begin()
        async for frame in socket:
            live.hear(host)
            message = read_from_agent(frame)
            if message is not None:
                await conversation.hear(message)
    finally:
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        live.disconnect(host, welcome.epoch)


async def _say_all(socket: ServerConnection, unsaid: asyncio.Queue[Part | None]) -> None:
    """Until None, which closes the connection after what was put before it."""
    while (message := await unsaid.get()) is not None:
        await socket.send(encode(message))
    await socket.close(1000, "done")


def _in(loop: asyncio.AbstractEventLoop, act: Callable[..., None], *arguments: Any) -> None:
    try:
        loop.call_soon_threadsafe(act, *arguments)
    except RuntimeError:  # the Manager stops
        return


def _certificate_of(socket: ServerConnection) -> x509.Certificate:
    tls = socket.transport.get_extra_info("ssl_object")
    der = tls.getpeercert(binary_form=True)
    assert der is not None, "TLS let somebody in without a certificate"
    return x509.load_der_x509_certificate(der)
