"""The listener and the real Agent's side of a connection, in one process."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from agent.connection import Connection, RefusedByManager, dial, tls_context
from agent.protocol.inventory import GuestFacts, HostFacts, MaintenanceFacts
from agent.protocol.message import Part
from agent.protocol.statistics import Load
from agent.protocol.to_agent import Command, NewCertificate, Removed, Resend, ResultKept
from agent.protocol.to_manager import (
    CertificateRequest,
    Changes,
    CommandResult,
    Heartbeat,
    Hello,
    Inventory,
    Leaving,
    Statistics,
)
from agent.protocol.version import PROTOCOL
from foundation.failure import Failure
from foundation.joining import EnrolmentAnswer
from host.document.membership import Membership
from host.membership_files import new_key, signing_request
from manager.backup.restored import Restored, note_restored
from manager.hosts.admission import note_lost
from manager.hosts.certificates import revoke_all
from manager.hosts.commands import give_up_abandoned, give_waiting
from manager.hosts.finding import find_hosts, get_host
from manager.hosts.leaving import remove_host
from manager.hosts.listener import listen
from manager.hosts.live import LiveHosts
from manager.hosts.states import HostState
from manager.hosts.tables import HostCommandRow, HostRow
from manager.problems import Conflict, NotFound
from manager.services import Services
from manager.settings import Endpoint
from tests.unit.manager.conftest import SteppingClock
from tests.unit.manager_hosts.conftest import ANA, Machine, machine

FACTS = HostFacts(host_name="node1.lab", product="flexVDI", version="1", boot_id="b", booted_at=0)


class Talk:
    """A host that is connected: what it says, and what it has heard."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.epoch = connection.welcome.epoch
        self.heard: list[Part] = []
        self.queue: asyncio.Queue[Part] = asyncio.Queue()
        self.running = asyncio.create_task(connection.run(self.queue.get, self._hear))

    async def _hear(self, message: Part) -> None:
        self.heard.append(message)

    async def say(self, *messages: Part) -> None:
        for message in messages:
            await self.queue.put(message)

    async def hear(self, kind: type) -> Any:
        await until(lambda: any(isinstance(one, kind) for one in self.heard))
        found = next(one for one in self.heard if isinstance(one, kind))
        self.heard.remove(found)
        return found


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


class Platform:
    """A listening Manager, and how hosts come to it."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.services, self.folder = services, folder
        self.manager = Membership(
            address="127.0.0.1",
            agents_port=services.settings.agents.port,
            fingerprint=services.authority.fingerprint,
        )

    def context(self, node: Machine, answer: EnrolmentAnswer) -> ssl.SSLContext:
        (self.folder / "ca.crt").write_text(answer.ca)
        pair = self.folder / f"{node.name}.pem"
        pair.write_text(node.key.reveal() + answer.certificate)
        return tls_context(self.folder / "ca.crt", pair)

    @contextlib.asynccontextmanager
    async def connected(
        self, node: Machine, answer: EnrolmentAnswer, **said: Any
    ) -> AsyncIterator[Talk]:
        hello = Hello(
            **{
                "protocol": "1.0",
                "host_id": node.identity,
                "agent_version": "0.1.0",
                "host_name": node.name,
                "boot_id": "boot 1",
                "agent_start": "start 1",
                **said,
            }
        )
        async with dial(self.manager, self.context(node, answer), hello) as connection:
            talk = Talk(connection)
            try:
                yield talk
            finally:
                talk.running.cancel()
                await asyncio.gather(talk.running, return_exceptions=True)

    def state(self, node: Machine) -> HostState:
        return get_host(self.services, node.identity).state


Act = Callable[[Platform], Coroutine[Any, Any, None]]


@pytest.fixture
def on_platform(services: Services, tmp_path: Path) -> Callable[[Act], None]:
    def run(act: Act) -> None:
        async def all_of_it() -> None:
            server = await listen(services)
            try:
                async with asyncio.timeout(60):
                    await act(Platform(services, tmp_path))
            finally:
                server.close()
                await server.wait_closed()

        asyncio.run(all_of_it())

    return run


Join = Callable[..., EnrolmentAnswer]
On = Callable[[Act], None]


def test_a_manager_at_all_addresses_is_reached_by_ipv4(join: Join, services: Services) -> None:
    everywhere = Endpoint("::", services.settings.agents.port)
    open_to_all = replace(services, settings=replace(services.settings, agents=everywhere))
    node = machine("node1.lab")
    answer = join(node)

    async def act() -> None:
        server = await listen(open_to_all)
        try:
            async with Platform(open_to_all, services.settings.state).connected(node, answer):
                assert get_host(services, node.identity).address == "127.0.0.1"
        finally:
            server.close()
            await server.wait_closed()

    asyncio.run(act())


def test_a_host_tells_and_is_kept(on_platform: On, join: Join, services: Services) -> None:
    node = machine("node1.lab")
    answer = join(node)
    guest = GuestFacts(uuid="u1", name="desk-1", state="running", vcpus=2, memory=1 << 32)

    async def act(platform: Platform) -> None:
        async with platform.connected(node, answer) as talk:
            await talk.say(Inventory(sequence=1, host=FACTS, guests=(guest,)))
            await until(lambda: platform.state(node) is HostState.RUNNING)
            off = guest.model_copy(update={"state": "off"})
            resting = FACTS.model_copy(
                update={"maintenance": MaintenanceFacts(who="ana", reason="memory", since=1)}
            )
            await talk.say(
                Changes(sequence=2, host=resting, guests=(off,)),
                Statistics(at=9, seconds=10, host=Load(cpu=0.5, memory=7)),
            )
            await until(lambda: platform.state(node) is HostState.MAINTENANCE)
            await until(lambda: get_host(services, node.identity).load is not None)
            (shown,) = find_hosts(services, size=9).items
            assert shown.reason == "memory (ana)"
            assert (shown.guests, shown.guests_running) == (1, 0)
            assert shown.load is not None and shown.load.cpu == 0.5

    on_platform(act)


def test_a_gap_is_answered_by_asking_for_all(on_platform: On, join: Join) -> None:
    node = machine("node1.lab")
    answer = join(node)

    async def act(platform: Platform) -> None:
        async with platform.connected(node, answer) as talk:
            await talk.say(Inventory(sequence=1, host=FACTS), Changes(sequence=3, gone=("x",)))
            await talk.hear(Resend)

    on_platform(act)


def test_a_newer_connection_replaces_and_the_epoch_grows(on_platform: On, join: Join) -> None:
    node = machine("node1.lab")
    answer = join(node)

    async def act(platform: Platform) -> None:
        async with platform.connected(node, answer) as first:
            async with platform.connected(node, answer) as second:
                assert second.epoch == first.epoch + 1
                with pytest.raises(Failure):
                    await first.running

    on_platform(act)


def test_another_machine_with_the_same_identity_is_not_let_in(on_platform: On, join: Join) -> None:
    node = machine("node1.lab")
    answer = join(node)

    async def act(platform: Platform) -> None:
        async with platform.connected(node, answer, boot_id="one"):
            with pytest.raises(RefusedByManager, match="Another machine") as refused:
                async with platform.connected(node, answer, boot_id="two"):
                    pass
            assert refused.value.code == "busy"

    on_platform(act)


def test_agents_of_other_versions_are_incompatible(
    on_platform: On, join: Join, services: Services
) -> None:
    node = machine("node1.lab")
    answer = join(node)

    async def act(platform: Platform) -> None:
        for version, words in (("2.0", "Upgrade the Manager."), ("0.3", "Upgrade the host.")):
            with pytest.raises(RefusedByManager) as refused:
                async with platform.connected(node, answer, protocol=version):
                    pass
            assert (refused.value.code, refused.value.remedy) == ("incompatible", words)
            shown = get_host(services, node.identity)
            assert shown.state is HostState.INCOMPATIBLE
            assert version in shown.reason
        async with platform.connected(node, answer, protocol="1.9") as talk:
            assert talk.connection.welcome.protocol == str(PROTOCOL)
            await talk.say(Inventory(sequence=1, host=FACTS))
            await until(lambda: platform.state(node) is HostState.RUNNING)

    on_platform(act)


def test_who_has_no_certificate_of_ours_is_not_heard(on_platform: On, join: Join) -> None:
    async def act(platform: Platform) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        uri = f"wss://127.0.0.1:{platform.manager.agents_port}/"
        with pytest.raises((OSError, ConnectionClosed, Exception)) as refused:
            async with connect(uri, ssl=context, proxy=None) as socket:
                await socket.recv()
        assert not isinstance(refused.value, AssertionError)

    on_platform(act)


def test_a_host_speaks_for_itself_only(on_platform: On, join: Join) -> None:
    node = machine("node1.lab")
    answer = join(node)

    async def act(platform: Platform) -> None:
        with pytest.raises(RefusedByManager) as refused:
            async with platform.connected(node, answer, host_id=machine("x").identity):
                pass
        assert refused.value.code == "wrong-host"

    on_platform(act)


def test_removal_reaches_the_host_and_closes_the_door(
    on_platform: On, join: Join, services: Services
) -> None:
    node = machine("node1.lab")
    answer = join(node)

    async def act(platform: Platform) -> None:
        with pytest.raises(Conflict, match="not connected"):
            remove_host(services, node.identity, ANA, force=False)
        async with platform.connected(node, answer) as talk:
            await until(lambda: services.part(LiveHosts).connected(node.identity))
            await asyncio.to_thread(remove_host, services, node.identity, ANA, force=False)
            assert (await talk.hear(Removed)).reason == "removed by ana"
        with pytest.raises(NotFound):
            get_host(services, node.identity)
        with pytest.raises(RefusedByManager) as refused:
            async with platform.connected(node, answer):
                pass
        assert refused.value.code == "unknown-host"

    on_platform(act)


def test_a_replaced_certificate_is_refused(on_platform: On, join: Join) -> None:
    node = machine("node1.lab")
    old = join(node)
    join(machine("node1.lab", node.identity), replace=True)

    async def act(platform: Platform) -> None:
        with pytest.raises(RefusedByManager) as refused:
            async with platform.connected(node, old):
                pass
        assert refused.value.code == "revoked"

    on_platform(act)


def test_a_host_leaves_for_good(on_platform: On, join: Join, services: Services) -> None:
    node = machine("node1.lab")
    answer = join(node)

    async def act(platform: Platform) -> None:
        async with platform.connected(node, answer) as talk:
            await talk.say(Leaving(reason="stopped"))
            await talk.say(Leaving(for_good=True, reason="root: moved"))
            await talk.hear(Removed)
        with pytest.raises(NotFound):
            get_host(services, node.identity)

    on_platform(act)


def test_a_certificate_is_renewed_and_the_old_one_serves_until_then(
    on_platform: On, join: Join
) -> None:
    node = machine("node1.lab")
    answer = join(node)

    async def act(platform: Platform) -> None:
        key = new_key()
        async with platform.connected(node, answer) as talk:
            await talk.say(CertificateRequest(request=signing_request(key, node.identity)))
            made = await talk.hear(NewCertificate)
        renewed = Machine(node.identity, "renewed", key, node.request)
        new = answer.model_copy(update={"certificate": made.certificate})
        async with platform.connected(renewed, new):
            pass
        async with platform.connected(node, answer):
            pass

    on_platform(act)


def write_command(services: Services, node: Machine, name: str) -> None:
    with services.database.writing() as session:
        session.add(
            HostCommandRow(
                id=name,
                host=node.identity,
                verb="diagnose",
                arguments={},
                who="ana",
                created=services.clock(),
                timeout=60,
                state="waiting",
            )
        )


def test_commands_wait_for_their_host_and_results_are_kept_once(
    on_platform: On, join: Join, services: Services
) -> None:
    node = machine("node1.lab")
    answer = join(node)
    write_command(services, node, "c1")

    def state() -> str:
        with services.database.reading() as session:
            row = session.get(HostCommandRow, "c1")
            assert row is not None
            return row.state

    async def act(platform: Platform) -> None:
        async with platform.connected(node, answer) as talk:
            command = await talk.hear(Command)
            assert (command.id, command.epoch) == ("c1", talk.epoch)
            await asyncio.to_thread(give_waiting, services, node.identity)
            assert (await talk.hear(Command)).id == "c1"  # said again; the host knows the id
            for value in (1, 2):
                await talk.say(CommandResult(id="c1", state="done", value={"n": value}))
                await talk.hear(ResultKept)
            assert state() == "done"
        async with platform.connected(node, answer) as talk:
            await talk.say(Inventory(sequence=1, host=FACTS))
            await until(lambda: platform.state(node) is HostState.RUNNING)
            assert not [one for one in talk.heard if isinstance(one, Command)]

    on_platform(act)


def test_a_command_whose_task_has_failed_is_never_said_again(
    on_platform: On,
    join: Join,
    services: Services,
    clock: SteppingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A host that was off when it was to be rebooted is not rebooted when it is back at last."""
    monkeypatch.setattr("manager.hosts.commands._HEARD_WITHIN", 0.1)
    monkeypatch.setattr("manager.hosts.commands._LOOK_EVERY", 0.05)
    node = machine("node1.lab")
    answer = join(node)
    arguments = {"host": node.identity, "action": "reboot", "reason": "x", "with_guests": True}
    with services.database.writing() as session:
        task = services.tasks.create(session, "host.power", arguments, ANA, title="Reboot")
    ended = services.tasks.get(task)
    assert ended.state.value == "failed" and ended.error is not None
    assert "could not be told" in ended.error.cause

    async def act(platform: Platform) -> None:
        async with platform.connected(node, answer) as talk:
            await talk.say(Inventory(sequence=1, host=FACTS))
            await until(lambda: platform.state(node) is HostState.RUNNING)
            assert not [one for one in talk.heard if isinstance(one, Command)]

    on_platform(act)


def test_commands_without_a_task_are_given_up_in_time(
    on_platform: On, join: Join, services: Services, clock: SteppingClock
) -> None:
    node = machine("node1.lab")
    answer = join(node)
    write_command(services, node, "lost.diagnose.1")
    give_up_abandoned(services)
    clock.forward(seconds=121)

    async def act(platform: Platform) -> None:
        async with platform.connected(node, answer) as talk:
            await talk.say(Inventory(sequence=1, host=FACTS))
            await until(lambda: platform.state(node) is HostState.RUNNING)
            assert not [one for one in talk.heard if isinstance(one, Command)]

    on_platform(act)
    give_up_abandoned(services)
    with services.database.reading() as session:
        row = session.get(HostCommandRow, "lost.diagnose.1")
        assert row is not None and row.state == "given-up"


@pytest.mark.parametrize("restored", [True, False])
def test_a_certificate_that_was_renewed_after_the_backup_counts_after_a_restore(
    on_platform: On, join: Join, services: Services, restored: bool
) -> None:
    node = machine("node1.lab")
    answer = join(node)
    backup = datetime.now(UTC)
    made = services.authority.issue_client(node.request.request, node.identity, node.name)
    renewed = answer.model_copy(update={"certificate": made.certificate})
    if restored:
        at = datetime.now(UTC) + timedelta(seconds=5)
        note_restored(services.settings.state, Restored(backup=backup, at=at))

    async def act(platform: Platform) -> None:
        if not restored:
            with pytest.raises(RefusedByManager, match="revoked"):
                async with platform.connected(node, renewed):
                    pass
            return
        async with platform.connected(node, renewed) as talk:
            await talk.say(Inventory(sequence=1, host=FACTS))
            await until(lambda: platform.state(node) is HostState.RUNNING)
        with services.database.writing() as session:
            revoke_all(services, session, node.identity, "lost")
        with pytest.raises(RefusedByManager, match="revoked"):
            async with platform.connected(node, renewed):
                pass

    on_platform(act)


def test_silence_makes_a_host_unavailable_and_a_word_makes_it_run_again(
    on_platform: On, join: Join, services: Services, clock: SteppingClock
) -> None:
    node = machine("node1.lab")
    answer = join(node)

    async def act(platform: Platform) -> None:
        async with platform.connected(node, answer) as talk:
            await talk.say(Inventory(sequence=1, host=FACTS), Heartbeat(at=1))
            await until(lambda: platform.state(node) is HostState.RUNNING)
            clock.forward(seconds=61)
            await asyncio.to_thread(note_lost, services, timedelta(seconds=60))
            assert platform.state(node) is HostState.RUNNING
        await until(lambda: services.part(LiveHosts).connected(node.identity) is None)
        await asyncio.to_thread(note_lost, services, timedelta(seconds=0))
        shown = get_host(services, node.identity)
        assert shown.state is HostState.UNAVAILABLE
        assert "silent" in shown.reason and shown.remedy
        async with platform.connected(node, answer) as talk:
            await talk.say(Inventory(sequence=1, host=FACTS))
            await until(lambda: platform.state(node) is HostState.RUNNING)

    on_platform(act)


def test_a_rename_and_an_inventory_at_the_same_time_lose_nothing(
    on_platform: On, join: Join, services: Services
) -> None:
    from manager.hosts.finding import change_host

    node = machine("node1.lab")
    answer = join(node)

    async def act(platform: Platform) -> None:
        async with platform.connected(node, answer) as talk:
            await talk.say(Inventory(sequence=1, host=FACTS))
            for number in range(2, 12):
                facts = FACTS.model_copy(update={"cpu_model": f"model {number}"})
                await talk.say(Changes(sequence=number, host=facts))
                await asyncio.to_thread(
                    change_host,
                    services,
                    node.identity,
                    ANA,
                    name=None,
                    description=f"description {number}",
                    version=None,
                )

            def told() -> bool:
                facts = get_host(services, node.identity).facts
                return facts is not None and facts.cpu_model == "model 11"

            await until(told)
        with services.database.reading() as session:
            row = session.get(HostRow, node.identity)
            assert row is not None and row.description == "description 11"

    on_platform(act)
