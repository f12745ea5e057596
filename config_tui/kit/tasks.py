"""Work that would block the screen, done in threads; its results come back to the screen's thread.

Only the thread that runs the screen touches widgets. A task's callbacks are queued and called
there by :meth:`Tasks.run_pending`, which the main loop is woken for through a pipe.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from foundation.failure import Failure
from foundation.unexpected import as_failure

log = logging.getLogger("flexvdi.tasks")

Result = TypeVar("Result")


class Tasks:
    """The worker threads of one screen. ``wake`` makes the main loop call :meth:`run_pending`."""

    def __init__(self, wake: Callable[[], None] = lambda: None) -> None:
        """``wake`` is called from worker threads and must be safe there."""
        self.wake = wake
        self._pending: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._threads: set[threading.Thread] = set()

    def start(
        self,
        work: Callable[[], Result],
        on_done: Callable[[Result], None],
        on_failure: Callable[[Failure], None],
    ) -> None:
        """Run ``work`` in a thread, then one of the callbacks in the screen's thread.

        An exception that is no Failure is a defect; it is logged with its traceback and reported
        as a Failure.
        """

        def body() -> None:
            try:
                result = work()
            except Exception as error:  # a thread has nobody else to tell
                failure = as_failure(error, log)
                self.call(lambda: on_failure(failure))
            else:
                self.call(lambda: on_done(result))

        thread = threading.Thread(target=body, name="task", daemon=True)
        self._threads = {known for known in self._threads if known.is_alive()} | {thread}
        thread.start()

    def call(self, callback: Callable[[], None]) -> None:
        """Have ``callback`` called in the screen's thread; safe from any thread."""
        self._pending.put(callback)
        self.wake()

    def run_pending(self) -> None:
        """Call what is queued; only from the screen's thread."""
        while True:
            try:
                callback = self._pending.get_nowait()
            except queue.Empty:
                return
            callback()

    def settle(self) -> None:
        """Wait until no task runs and nothing is queued: for tests and for closing down."""
        while True:
            running = [thread for thread in self._threads if thread.is_alive()]
            for thread in running:
                thread.join()
            self._threads -= set(running)
            if not running and self._pending.empty():
                return
            self.run_pending()
