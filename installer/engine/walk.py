"""Walks the steps of an installation in their order, once each, from wherever it is told to."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from foundation.failure import Cancelled, Failure
from installer.engine.events import (
    LogEvent,
    ProgressEvent,
    StepFailed,
    StepFinished,
    StepsEvent,
    StepStarted,
    StepStatus,
)
from installer.engine.hub import Hub
from installer.engine.journal import Journal
from installer.engine.measure import Measure
from installer.engine.step import InstallContext, Step

log = logging.getLogger("flexvdi.installer")

PROGRESS_INTERVAL = 0.25
"""Seconds between two progress events: what an eye can follow and a serial line can carry."""


class StepStopped(Exception):
    """A step did not end well: ``index`` tells which, ``failure`` why."""

    def __init__(self, index: int, failure: Failure) -> None:
        """Keep both apart for the one who decides about retrying."""
        super().__init__(failure.cause)
        self.index = index
        self.failure = failure


def announce(steps: Sequence[Step], hub: Hub) -> None:
    """Tell the clients which steps will be walked."""
    hub.publish(
        StepsEvent(
            steps=tuple(
                StepStatus(name=step.name, title=step.title, weight=step.weight) for step in steps
            )
        )
    )


def walk(
    steps: Sequence[Step],
    context: InstallContext,
    *,
    hub: Hub,
    journal: Journal,
    log_path: Path,
    seconds: dict[str, float],
    first: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Run ``steps[first:]``; raises :class:`StepStopped` at the first that does not end well.

    ``seconds`` collects how long each step took, for the report. ``log_path`` is named in failures
    that name no log of their own.
    """
    weights = [step.weight for step in steps]
    for index in range(first, len(steps)):
        step = steps[index]
        measure = Measure(weights, index, step.name)
        started = clock()
        journal.write("step-started", step=step.name, destructive=step.destructive)
        hub.publish(StepStarted(name=step.name, overall=measure.overall_before))
        log.info("step %s: %s", step.name, step.title)
        try:
            if context.cancel.is_set():
                raise Cancelled(f"beginning “{step.title}”")
            step.run(
                replace(
                    context,
                    progress=_progress_to(hub, measure, clock),
                    say=lambda line: _say(hub, line),
                )
            )
        except Exception as error:  # whatever it was, the journal says where it ended
            took = clock() - started
            failure = _as_failure(error, step, log_path)
            journal.write(
                "step-failed", step=step.name, seconds=took, cause=hub.redact(failure.cause)
            )
            hub.publish(StepFailed(name=step.name, seconds=took))
            raise StepStopped(index, failure) from error
        took = clock() - started
        seconds[step.name] = round(seconds.get(step.name, 0.0) + took, 3)
        journal.write("step-finished", step=step.name, seconds=took)
        hub.publish(StepFinished(name=step.name, seconds=took, overall=measure.overall_after))


def _progress_to(
    hub: Hub, measure: Measure, clock: Callable[[], float]
) -> Callable[[int, int], None]:
    last = float("-inf")

    def report(done: int, total: int) -> None:
        nonlocal last
        now = clock()
        if now - last < PROGRESS_INTERVAL and done < total:
            return
        last = now
        hub.publish(ProgressEvent(progress=measure.at(now, done, total)))

    return report


def _say(hub: Hub, line: str) -> None:
    log.info("%s", line)
    hub.publish(LogEvent(text=line))


def _as_failure(error: Exception, step: Step, log_path: Path) -> Failure:
    if isinstance(error, Failure):
        log.error("step %s failed: %s\n%s", step.name, error, error.details)
        if not error.log and not isinstance(error, Cancelled):
            error.log = str(log_path)
        return error
    log.exception("step %s met an unexpected error", step.name)
    if isinstance(error, OSError):
        named = f" ({error.filename})" if error.filename else ""
        return Failure(
            f"“{step.title}” failed: {error.strerror or error}{named}.",
            "Look at the log and at the kernel's messages (dmesg).",
            log=str(log_path),
        )
    return Failure(
        f"“{step.title}” met an error that is a defect of the installer: {type(error).__name__}.",
        "Save the logs and report it; Retry may help when the machine's state caused it.",
        log=str(log_path),
    )
