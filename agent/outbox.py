"""What waits to be said to the Manager, bounded, in the order of its importance.

Results of commands are few and kept on disk besides. Progress counts only in its latest form. The
host's state is not queued at all: what differs from what was said last is found when its turn
comes. Statistics are dropped when the connection cannot keep up, and how many is said.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable

from agent.protocol.message import Part
from agent.protocol.to_manager import CommandProgress, CommandResult, Statistics

_MOST_SAMPLES = 3


class Outbox:
    """For one connection at a time; ``clear`` begins anew."""

    def __init__(self) -> None:
        """Empty."""
        self._first: OrderedDict[str, Part] = OrderedDict()
        self._results: OrderedDict[str, CommandResult] = OrderedDict()
        self._progress: OrderedDict[str, CommandProgress] = OrderedDict()
        self._samples: deque[Statistics] = deque(maxlen=_MOST_SAMPLES)
        self._dropped = 0
        self._something = asyncio.Event()

    def clear(self) -> None:
        """Forget what waits: another connection begins with all that still counts."""
        self._first.clear()
        self._results.clear()
        self._progress.clear()
        self._dropped += len(self._samples)
        self._samples.clear()

    def put(self, name: str, message: Part) -> None:
        """Something that goes first; it replaces what waits under the same ``name``."""
        self._first[name] = message
        self._something.set()

    def put_result(self, message: CommandProgress | CommandResult) -> None:
        """A result, which outdates progress; or progress, which outdates earlier one."""
        if isinstance(message, CommandResult):
            self._progress.pop(message.id, None)
            self._results[message.id] = message
        elif message.id not in self._results:
            self._progress[message.id] = message
        self._something.set()

    def put_statistics(self, sample: Statistics) -> None:
        """A sample; the oldest that waits gives way."""
        if len(self._samples) == _MOST_SAMPLES:
            self._dropped += 1
        self._samples.append(sample)
        self._something.set()

    def wake(self) -> None:
        """The host's state may have changed."""
        self._something.set()

    async def next(self, changes: Callable[[], Part | None]) -> Part:
        """The next message; ``changes`` tells what of the host's state was not said yet."""
        while True:
            self._something.clear()
            message = self._take() or changes() or self._take_sample()
            if message is not None:
                return message
            await self._something.wait()

    def _take(self) -> Part | None:
        for waiting in (self._first, self._results, self._progress):
            if waiting:
                return waiting.popitem(last=False)[1]
        return None

    def _take_sample(self) -> Part | None:
        if not self._samples:
            return None
        sample, dropped = self._samples.popleft(), self._dropped
        self._dropped = 0
        return sample.model_copy(update={"dropped": dropped}) if dropped else sample
