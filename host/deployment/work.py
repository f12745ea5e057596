"""Long work on a Manager that is there: jobs that go on after a kill, or take everything back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from threading import Event
from typing import Any

from foundation.failure import Failure
from host.audit import Actor, record
from host.deployment.deploying import MANAGER_LANE, OnEvent, refuse_open
from host.jobs import JobEvent, JobRecord, Jobs, JobStep
from host.machine import Machine


def _nothing(_found: dict[str, Any]) -> None:
    return


def _never() -> bool:
    return False


def _no_facts() -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Undertaking:
    """What is to be done: ``facts``, as JSON-ready values and no secrets, are all it follows from.

    ``kind`` is before the slash in the names of its steps, and says who makes them anew when the
    job goes on (host.deployment.resuming).
    """

    kind: str
    title: str
    verb: str
    facts: dict[str, Any]

    def kept(self) -> dict[str, Any]:
        """For the journal."""
        return asdict(self)


@dataclass
class Work:
    """On what, for whom, and how progress is told.

    ``host`` is this host's name; ``is_emulated`` tells whether guests run slowly here.
    """

    machine: Machine
    jobs: Jobs
    actor: Actor
    on_event: OnEvent
    cancel: Event = field(default_factory=Event)
    host: str = ""
    is_emulated: Callable[[], bool] = _never
    _current: JobEvent | None = None

    def report(self, done: int, total: int, note: str = "") -> None:
        """Tell how far the step under way is."""
        if self._current is not None:
            self.on_event(replace(self._current, done_bytes=done, total_bytes=total, note=note))

    def say(self, note: str) -> None:
        """Tell what the step under way waits for."""
        self.report(0, 0, note)

    def run(self, undertaking: Undertaking, steps: Sequence[JobStep]) -> JobRecord:
        """Carry it out as a job; a failure takes back what was done and is raised."""
        refuse_open(self.jobs)
        job = self.jobs.create(
            undertaking.title,
            str(self.actor),
            steps,
            lane=MANAGER_LANE,
            undertaking=undertaking.kept(),
        )
        return self.walk(job, undertaking, steps)

    def walk(self, job: str, undertaking: Undertaking, steps: Sequence[JobStep]) -> JobRecord:
        """The same with a job that is there already."""

        def heard(event: JobEvent) -> None:
            self._current = event
            self.on_event(event)

        title, verb = undertaking.title, undertaking.verb
        action = verb.replace(" ", "-")
        try:
            result = self.jobs.run(job, steps, heard, self.cancel)
        except Failure as failure:
            record(self.actor, action, "failed", f"{title}: {failure.cause}", job=job, verb=verb)
            failure.log = failure.log or f"flexvdi-config job show {job}"
            if self.jobs.is_past_return(job):
                go_on = f"Then go on: `flexvdi-config job resume {job}`."
                failure.remedy = f"{failure.remedy} {go_on}".strip()
            raise
        record(self.actor, action, "done", f"{title}.", job=job, verb=verb)
        return result


def make_step(
    name: str,
    title: str,
    do: Callable[[], object],
    *,
    is_done: Callable[[], bool] = _never,
    capture: Callable[[], dict[str, Any]] = _no_facts,
    undo: Callable[[dict[str, Any]], None] = _nothing,
    final: bool = False,
) -> JobStep:
    """A step of which only what matters is said."""

    def done() -> None:
        do()

    return JobStep(name, title, is_done, capture, done, undo, final)


@dataclass(frozen=True)
class StepMaker:
    """Makes the steps of one undertaking, named ``kind/…``.

    Each keeps what ``capture`` tells, and is undone by its name from that alone: when a job is
    taken back later, there is nothing else left to undo it from.
    """

    kind: str
    machine: Machine
    capture: Callable[[], dict[str, Any]]
    undo: Callable[[str, dict[str, Any], Machine], None]

    def __call__(
        self,
        name: str,
        title: str,
        do: Callable[[], object],
        *,
        is_done: Callable[[], bool] = _never,
        final: bool = False,
    ) -> JobStep:
        """One step."""
        full = f"{self.kind}/{name}"
        return make_step(
            full,
            title,
            do,
            is_done=is_done,
            capture=self.capture,
            undo=lambda found: self.undo(full, found, self.machine),
            final=final,
        )
