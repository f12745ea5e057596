"""The stream of events: bounded, and ended with what it was opened by."""

from __future__ import annotations

import asyncio

from manager.events.event import Event
from manager.events.hub import _WAITING, EventHub, stream
from manager.services import Services

from .conftest import SteppingClock


async def always() -> bool:
    return True


async def never() -> bool:
    return False


def test_missed_ones_first_and_none_twice(services: Services) -> None:
    async def follow() -> list[str]:
        hub = services.events
        listener = hub.listen()
        assert listener is not None

        def publish(text: str) -> Event:
            with services.database.writing() as session:
                return hub.publish(session, "test", text)

        first = await asyncio.to_thread(publish, "one")
        second = await asyncio.to_thread(publish, "two")
        hub.announce("test.progress", data={"percent": 5})
        hub.close()
        return [each async for each in stream(hub, listener, [first, second], always)]

    told = asyncio.run(follow())
    assert [message.split("\n")[0] for message in told] == [
        *("retry: 2000", "id: 1", "id: 2", "event: test.progress"),
    ]


def test_a_listener_that_does_not_read_is_cut_off_and_holds_up_nobody(
    clock: SteppingClock,
) -> None:
    async def follow() -> tuple[int, list[str]]:
        hub = EventHub(clock)
        slow, quick = hub.listen(), hub.listen()
        assert slow is not None and quick is not None
        for _ in range(_WAITING + 5):
            hub.announce("test")
            await quick.next(1)
        told = [each async for each in stream(hub, slow, [], always)]
        return slow._queue.qsize(), told

    waiting, told = asyncio.run(follow())
    assert told == ["retry: 2000\n\n"]
    assert waiting <= _WAITING


def test_a_stream_ends_when_its_session_does(clock: SteppingClock) -> None:
    async def follow() -> list[str]:
        hub = EventHub(clock)
        listener = hub.listen()
        assert listener is not None
        ended = stream(hub, listener, [], never, heartbeat=0.01)
        return [each async for each in ended]

    told = asyncio.run(follow())
    assert told[0].startswith("retry")
    assert len(told) <= 3


def test_no_more_listeners_than_the_manager_can_serve(clock: SteppingClock) -> None:
    async def crowd() -> int:
        hub = EventHub(clock)
        listeners = [hub.listen() for _ in range(250)]
        return sum(listener is None for listener in listeners)

    assert asyncio.run(crowd()) == 50
