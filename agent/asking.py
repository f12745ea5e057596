"""Asking what may hang, without hanging: libvirt above all.

A question is put in a thread of its own. When it is not answered in time, the asker is told so and
goes on; the question is not put again before it is answered, so that a service that hangs costs one
thread and no more.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar, cast

from foundation.failure import Failure

Answer = TypeVar("Answer")


class Question(Generic[Answer]):
    """One question that is asked again and again; ``who`` is what it is asked of, for people."""

    def __init__(self, who: str, ask: Callable[[], Answer], patience: float) -> None:
        """``ask`` blocks; ``patience`` is in seconds."""
        self._who = who
        self._ask = ask
        self._patience = patience
        self._put_at = 0.0
        self._open: asyncio.Future[Answer] | None = None

    async def answer(self) -> Answer:
        """The answer; raises what asking raises, and Failure when it takes too long."""
        if self._open is None or self._open.done():
            self._open = in_thread(self._ask)
            self._put_at = time.monotonic()
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.shield(self._open)
        except TimeoutError as error:
            waited = time.monotonic() - self._put_at
            raise Failure(
                f"{self._who} has not answered for {waited:.0f} seconds.",
                "Guests go on; see what holds it up.",
            ) from error


def in_thread(work: Callable[[], Answer]) -> asyncio.Future[Answer]:
    """What ``work`` returns or raises; its thread does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Answer] = loop.create_future()

    def settle(value: Answer | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(cast("Answer", value))
        else:
            future.set_exception(error)
            future.exception()  # looked at: an asker that is gone is nobody's fault

    def run() -> None:
        value, error = None, None
        try:
            value = work()
        except BaseException as caught:
            error = caught
        try:
            loop.call_soon_threadsafe(settle, value, error)
        except RuntimeError:  # the loop has ended
            return

    threading.Thread(target=run, daemon=True).start()
    return future
