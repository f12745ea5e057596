"""Asking what may never answer, such as a daemon that hangs, without being caught by it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Asked(Generic[Answer]):
    """A question that is asked in a thread of its own, and never twice at the same time.

    A question that hangs holds one thread, however often somebody looks; it ends with the program.
    """

    def __init__(self, question: Callable[[], Answer]) -> None:
        """Nothing is asked yet."""
        self._question = question
        self._lock = threading.Lock()
        self._open: Future[Answer] | None = None

    def within(self, seconds: float) -> Answer | None:
        """The answer, or none when there is none in time; raises what the question raises."""
        with self._lock:
            # What was answered while nobody waited may be long past.
            if self._open is None or self._open.done():
                self._open = Future()
                threading.Thread(target=self._ask, args=(self._open,), daemon=True).start()
            answer = self._open
        try:
            return answer.result(seconds)
        except TimeoutError:
            if answer.done():
                raise
            return None

    def _ask(self, answer: Future[Answer]) -> None:
        try:
            answer.set_result(self._question())
        except BaseException as error:  # of a thread: whoever waits for the answer is told
            answer.set_exception(error)
