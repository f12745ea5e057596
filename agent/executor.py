"""Carrying out commands: each once, fenced by epochs, cancellable, a few at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from threading import Event

from agent.asking import in_thread
from agent.protocol.commands import read_arguments
from agent.protocol.message import FailureFacts
from agent.protocol.to_agent import Command
from agent.protocol.to_manager import CommandProgress, CommandResult
from agent.results import Results
from agent.verbs import VERBS, Task
from foundation.failure import Cancelled, Failure
from host.api import HostApi
from host.audit import Actor

log = logging.getLogger("flexvdi.agent")

_AT_A_TIME = 4
_MOST_WAITING = 200
_GRACE = 30.0  # seconds that a command may take to end once it was told to


class Executor:
    """The commands of this host. Results go to ``say``, and stay in ``results`` until they are
    acknowledged."""

    def __init__(
        self,
        host: HostApi,
        results: Results,
        say: Callable[[CommandProgress | CommandResult], None],
        still_connected: Callable[[float], bool],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """``changed`` is called after each command: the host may look different."""
        self.epoch = 0
        self._host, self._results, self._say = host, results, say
        self._still_connected, self._changed = still_connected, changed
        self._turn = asyncio.Semaphore(_AT_A_TIME)
        self._cancels: dict[str, Event] = {}
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, command: Command) -> None:
        """Carry it out, or say what became of it."""
        known = self._results.find(command.id)
        if known is not None:
            self._say(known)
            return
        if command.id in self._cancels:
            return  # under way; its progress goes on being said
        refusal = self._why_not(command)
        if refusal is not None:
            self._say(_result(command.id, "refused", refusal))
            return
        self._cancels[command.id] = Event()
        task = asyncio.create_task(self._carry_out(command))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def cancel(self, command: str) -> None:
        """Have it stop as soon as it can; nothing happens if it has ended."""
        if command in self._cancels:
            self._cancels[command].set()

    def _why_not(self, command: Command) -> Failure | None:
        if command.epoch != self.epoch:
            return Failure(
                f"The command is of epoch {command.epoch}, and the host's is {self.epoch}.",
                "It was given over a connection that was replaced; give it again.",
            )
        if len(self._cancels) >= _MOST_WAITING:
            return Failure(
                f"{_MOST_WAITING} commands wait on this host already.", "Try again later."
            )
        try:
            read_arguments(command.verb, command.arguments)
        except Failure as failure:
            return failure
        return None

    async def _carry_out(self, command: Command) -> None:
        cancel = self._cancels[command.id]
        try:
            async with self._turn:
                result = await self._result_of(command, cancel)
            self._results.end(result)
        except Failure as failure:  # the disk that results are kept on is full
            result = _result(command.id, "failed", failure)
        finally:
            del self._cancels[command.id]
        log.info("%s %s: %s", command.verb, command.id, result.state)
        self._say(result)
        self._changed()

    async def _result_of(self, command: Command, cancel: Event) -> CommandResult:
        if cancel.is_set():
            return _result(command.id, "cancelled", Cancelled("waiting for its turn"))
        self._results.begin(command)
        loop = asyncio.get_running_loop()

        def progress(text: str, fraction: float | None) -> None:
            said = CommandProgress(id=command.id, text=text, fraction=fraction)
            loop.call_soon_threadsafe(self._say, said)

        task = Task(
            self._host,
            Actor(command.who, "the Manager"),
            cancel,
            progress,
            self._still_connected,
        )
        arguments = read_arguments(command.verb, command.arguments)
        work = in_thread(lambda: VERBS[command.verb](task, arguments))
        try:
            return await self._awaited(command, work, cancel)
        except Cancelled as failure:
            return _result(command.id, "cancelled", failure)
        except Failure as failure:
            return _result(command.id, "failed", failure)
        except Exception:  # one command of a Manager must not end all the others
            log.exception("%s %s ended by a defect", command.verb, command.id)
            return _result(
                command.id,
                "failed",
                Failure(
                    "The Agent met an unexpected error, which is a defect in it.",
                    "See `journalctl -u flexvdi-agent` on the host, and report it.",
                ),
            )

    async def _awaited(
        self, command: Command, work: asyncio.Future[dict[str, object]], cancel: Event
    ) -> CommandResult:
        done, _pending = await asyncio.wait((work,), timeout=command.timeout)
        if not done:
            cancel.set()
            await asyncio.wait((work,), timeout=_GRACE)
        if work.done():
            return CommandResult(id=command.id, state="done", value=work.result())
        raise Failure(
            f"{command.verb} did not end within {command.timeout:.0f} seconds.",
            "It may still be going on; see how things are on the host.",
        )


def _result(command: str, state: str, failure: Failure) -> CommandResult:
    return CommandResult.model_validate(
        {
            "id": command,
            "state": state,
            "failure": FailureFacts(
                cause=failure.cause,
                remedy=failure.remedy,
                where=failure.where,
                details=failure.details,
            ),
        }
    )
