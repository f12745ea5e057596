"""What waits for the Manager is bounded; what hangs holds nobody up."""

from __future__ import annotations

import asyncio
import threading

import pytest

from agent.asking import Question
from agent.outbox import Outbox
from agent.protocol.message import Part
from agent.protocol.statistics import Load
from agent.protocol.to_manager import (
    Changes,
    CommandProgress,
    CommandResult,
    Heartbeat,
    Statistics,
)
from foundation.failure import Failure


def sample(at: float) -> Statistics:
    return Statistics(at=at, seconds=10, host=Load())


def drained(outbox: Outbox, changes: list[Part]) -> list[Part]:
    async def run() -> list[Part]:
        said = []
        while True:
            try:
                message = await asyncio.wait_for(
                    outbox.next(lambda: changes.pop(0) if changes else None), 0.05
                )
            except TimeoutError:
                return said
            said.append(message)

    return asyncio.run(run())


def test_order_and_what_is_left_out() -> None:
    outbox = Outbox()
    for number in range(5):
        outbox.put_statistics(sample(number))
    for text in ("one", "two"):
        outbox.put_result(CommandProgress(id="c1", text=text))
    outbox.put_result(CommandProgress(id="c2", text="half"))
    outbox.put_result(CommandResult(id="c2", state="done"))
    outbox.put("heartbeat", Heartbeat(at=1))
    outbox.put("heartbeat", Heartbeat(at=2))
    changes: list[Part] = [Changes(sequence=1)]
    assert drained(outbox, changes) == [
        Heartbeat(at=2),
        CommandResult(id="c2", state="done"),
        CommandProgress(id="c1", text="two"),
        Changes(sequence=1),
        sample(2).model_copy(update={"dropped": 2}),
        sample(3),
        sample(4),
    ]


def test_a_new_connection_says_how_much_the_old_one_never_said() -> None:
    outbox = Outbox()
    outbox.put_statistics(sample(1))
    outbox.put("heartbeat", Heartbeat(at=1))
    outbox.clear()
    outbox.put_statistics(sample(2))
    assert drained(outbox, []) == [sample(2).model_copy(update={"dropped": 1})]


def test_a_service_that_hangs_costs_one_thread_and_says_so() -> None:
    gate, asked = threading.Event(), []

    def hang() -> int:
        asked.append(1)
        gate.wait()
        return 7

    async def run() -> None:
        question = Question("libvirt", hang, patience=0.05)
        for _ in range(3):
            with pytest.raises(Failure, match="libvirt has not answered"):
                await question.answer()
        assert len(asked) == 1
        gate.set()
        assert await question.answer() == 7
        assert await question.answer() == 7
        assert len(asked) == 2

    asyncio.run(asyncio.wait_for(run(), 20))
