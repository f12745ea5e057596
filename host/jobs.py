"""Jobs: long changes as a journal of steps, each with probe, do and undo.

Before a step touches anything, what it finds is forced to disk. So a job that was killed can be
resumed (steps that are already done say so) or rolled back (what was found is put back), by
another process and after a power cut.

A journal tells what happened and holds no secret. What a step found may hold some (keys, password
hashes); it is kept in a file of its own beside the journal, and only as long as it may be needed.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from threading import Event
from typing import Any, Literal

from foundation.failure import Cancelled, Failure
from foundation.unexpected import as_failure
from host.job_journal import Journal
from host.job_process import is_alive as _is_alive
from host.job_process import this_process

log = logging.getLogger("flexvdi.jobs")

JOBS_DIRECTORY = Path("/var/lib/flexvdi/jobs")
_KEEP = 50
_RUNNING_HERE: set[Path] = set()

# Jobs of one lane exclude each other; those of different lanes touch different things.
HOST_LANE = "host"
"""Changes of the host itself: its document."""

JobState = Literal[
    "running", "unconfirmed", "done", "failed", "cancelled", "rolled back", "interrupted"
]


Undo = Callable[[str, dict[str, Any]], None]
"""Puts back what the step of that name had found."""


@dataclass(frozen=True)
class JobStep:
    """One step. ``capture`` returns, as JSON-ready values, what ``undo`` needs to put things back.

    ``is_done`` lets a resumed job skip it. ``do`` and ``undo`` are idempotent. Once a step that is
    ``final`` has begun there is no way back: the job can only go on.
    """

    name: str
    title: str
    is_done: Callable[[], bool]
    capture: Callable[[], dict[str, Any]]
    do: Callable[[], None]
    undo: Callable[[dict[str, Any]], None]
    final: bool = False


@dataclass(frozen=True)
class JobEvent:
    """What happens in a job: step ``number`` of ``total`` with ``title`` starts, or a state.

    A long step is told again and again: how many bytes are done, and in ``note`` what it waits for.
    """

    job: str
    state: JobState
    title: str
    number: int
    total: int
    done_bytes: int = 0
    total_bytes: int = 0
    note: str = ""


@dataclass(frozen=True)
class JobRecord:
    """A job as its journal tells it; times are seconds since 1970."""

    id: str
    title: str
    who: str
    state: JobState
    started: float
    ended: float | None
    done: tuple[str, ...]
    total: int
    failure: dict[str, str]
    lane: str = HOST_LANE

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON-ready values."""
        return asdict(self)


class Jobs:
    """The journals of a host, in ``directory``."""

    def __init__(self, directory: Path = JOBS_DIRECTORY) -> None:
        """The directory is made when the first job is."""
        self.directory = directory

    def create(
        self,
        title: str,
        who: str,
        steps: Sequence[JobStep],
        lane: str = HOST_LANE,
        **facts: Any,
    ) -> str:
        """Open a journal; returns the job's id. ``facts`` are kept for resuming."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = 1 + max((int(known) for known in self._ids()), default=0)
        while True:
            job = str(number)
            try:
                os.close(os.open(self._path(job), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
                break
            except FileExistsError:
                number += 1
        self._kept(job).write(facts=facts)
        names = [step.name for step in steps]
        self.journal(job).write(
            kind="job",
            title=title,
            who=who,
            steps=names,
            lane=lane,
            process=this_process(),
        )
        _force_folder(self.directory)
        for old in self._ids()[:-_KEEP]:
            self._path(old).unlink(missing_ok=True)
            self._forget(old)
        return job

    def journal(self, job: str) -> Journal:
        """The journal of ``job``; raises Failure when there is none."""
        if not re.fullmatch(r"[0-9]+", job) or not self._path(job).exists():
            raise Failure(f"There is no job {job}.", "`flexvdi-config job list` shows them.")
        return Journal(self._path(job))

    def facts(self, job: str) -> dict[str, Any]:
        """What was kept for resuming; nothing once the job has ended."""
        self.journal(job)
        for entry in self._kept(job).entries():
            if "facts" in entry:
                facts: dict[str, Any] = entry["facts"]
                return facts
        return {}

    def has_leftovers(self, job: str) -> bool:
        """Whether the job has changed something that was neither kept nor put back."""
        return self._kept(job).path.exists() and bool(self.captured(job))

    def run(
        self,
        job: str,
        steps: Sequence[JobStep],
        on_event: Callable[[JobEvent], None] = lambda event: None,
        cancel: Event | None = None,
        *,
        hold: Callable[[], dict[str, Any]] | None = None,
        undo: Undo | None = None,
        keep: bool = False,
    ) -> JobRecord:
        """Walk the steps; when one fails or the job is cancelled, undo what was done.

        Raises what ended it, after the undoing. A step whose undoing fails as well leaves the
        job ``failed``; `rollback` tries again. With ``hold`` the job does not end: it is
        ``unconfirmed``, with what ``hold`` returns kept for :meth:`held`, until it is run again
        with its last steps, or rolled back. Then ``undo`` must know the steps of the first run.
        With ``keep`` a job that fails or is cancelled leaves what is done, for it is long work:
        it is run again, when the cause is out of the way, or rolled back. So does one of which a
        final step has begun.
        """
        with self._alone(job):
            return self._walk(job, steps, on_event, cancel, hold, undo, keep)

    def _walk(
        self,
        job: str,
        steps: Sequence[JobStep],
        on_event: Callable[[JobEvent], None],
        cancel: Event | None,
        hold: Callable[[], dict[str, Any]] | None,
        undo: Undo | None,
        keep: bool,
    ) -> JobRecord:
        journal = self.journal(job)
        journal.write(kind="process", process=this_process())
        try:
            for number, step in enumerate(steps, 1):
                if cancel is not None and cancel.is_set():
                    raise Cancelled(f"at the step “{step.title}”")
                on_event(JobEvent(job, "running", step.title, number, len(steps)))
                if not step.is_done():
                    self._kept(job).write(step=step.name, found=step.capture())
                    journal.write(kind="begin", step=step.name, final=step.final)
                    step.do()
                journal.write(kind="done", step=step.name)
            if hold is not None:
                journal.write(kind="hold", facts=hold())
        except Exception as error:  # whatever it was, what was done is put back
            failure = as_failure(error, log)
            state: JobState = "cancelled" if isinstance(error, Cancelled) else "failed"
            if keep or self.is_past_return(job):
                self._end(job, state, failure, put_back=False)
                on_event(JobEvent(job, state, failure.cause, len(steps), len(steps)))
                raise failure from error
            by_name = {step.name: step for step in steps}
            left = self._undo(job, undo or (lambda name, found: by_name[name].undo(found)))
            if left:
                state = "failed"
                failure = Failure(
                    f"{failure.cause} Not everything could be put back: {left[0].cause}",
                    f"Put that right, then run `flexvdi-config job rollback {job}`.",
                    details=failure.details,
                )
            self._end(job, state, failure, put_back=not left)
            on_event(JobEvent(job, state, failure.cause, len(steps), len(steps)))
            raise failure from error
        if hold is None:
            self._end(job, "done")
        state = "unconfirmed" if hold is not None else "done"
        on_event(JobEvent(job, state, "", len(steps), len(steps)))
        return self.record(job)

    def held(self, job: str) -> dict[str, Any] | None:
        """What was kept when the job was left unconfirmed; None when it never was."""
        holds = [entry for entry in self.journal(job).entries() if entry["kind"] == "hold"]
        return holds[-1]["facts"] if holds else None

    def is_put_back(self, job: str) -> bool:
        """Whether a job that failed left nothing changed behind."""
        ends = [entry for entry in self.journal(job).entries() if entry["kind"] == "end"]
        return bool(ends and ends[-1].get("put_back", True))

    def is_past_return(self, job: str) -> bool:
        """Whether a final step has begun, so that the job can only go on."""
        return any(entry.get("final") for entry in self.journal(job).entries())

    @contextmanager
    def deciding(self, job: str) -> Iterator[None]:
        """Be the only process that decides what becomes of ``job``; others wait here."""
        with self.journal(job).path.open("rb") as stream:
            flock(stream, LOCK_EX)
            yield

    def rollback(self, job: str, undo: Undo) -> JobRecord:
        """Undo what an interrupted or failed job has done; ``undo`` knows each step by its name."""
        if self.is_past_return(job):
            raise Failure(
                f"Job {job} is past the point from which there is a way back.",
                f"Go on with it: `flexvdi-config job resume {job}`.",
            )
        with self._alone(job):
            left = self._undo(job, undo)
            if left:
                self._end(job, "failed", left[0], put_back=False)
                raise left[0]
            self._end(job, "rolled back")
        return self.record(job)

    def _undo(self, job: str, undo: Undo) -> list[Failure]:
        """Undo in reverse, going on past what fails; returns what failed."""
        journal = self.journal(job)
        left: list[Failure] = []
        for name, found in reversed(self.captured(job)):
            self._note(journal, kind="undo", step=name)
            try:
                undo(name, found)
            except Exception as error:  # the steps before it are undone all the same
                left.append(as_failure(error, log))
        return left

    def _end(
        self, job: str, state: JobState, failure: Failure | None = None, *, put_back: bool = True
    ) -> None:
        """Note the end; what was found stays when something is left to be put back."""
        parts = failure.as_dict() if failure else {}
        entry = {"kind": "end", "state": state, "failure": parts, "put_back": put_back}
        if failure is None:
            self.journal(job).write(**entry)
        else:
            self._note(self.journal(job), **entry)
        if put_back:
            self._forget(job)

    def _note(self, journal: Journal, **entry: Any) -> None:
        """Write what is only told: putting things back goes on where the disk is full or failed.

        A job whose end could not be noted counts as interrupted; rolling it back once more is
        harmless.
        """
        try:
            journal.write(**entry)
        except OSError as error:
            log.warning("the journal of a job could not be written: %s", error.strerror)

    def captured(self, job: str) -> list[tuple[str, dict[str, Any]]]:
        """The steps that were begun, with what they found, in order, each once."""
        found: dict[str, dict[str, Any]] = {}
        for entry in self._kept(job).entries():
            if "step" in entry:
                found.setdefault(entry["step"], entry["found"])
        return list(found.items())

    @contextmanager
    def _alone(self, job: str) -> Iterator[None]:
        """Hold the lock of the job's lane; raises Failure when another one is being carried out."""
        lane = self.record(job).lane
        name = "lock" if lane == HOST_LANE else f"{lane}.lock"
        with (self.directory / name).open("w") as lock:
            try:
                flock(lock, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                raise Failure(
                    "Another change is being made to this host.",
                    "Wait for it to end; `flexvdi-config job list` shows it.",
                ) from None
            _RUNNING_HERE.add(self._path(job))
            try:
                yield
            finally:
                _RUNNING_HERE.discard(self._path(job))

    def record(self, job: str) -> JobRecord:
        """What is known of ``job``."""
        entries = self.journal(job).entries()
        if not entries:
            return JobRecord(job, "", "", "interrupted", 0.0, 0.0, (), 0, {})
        first = entries[0]
        done = [entry["step"] for entry in entries if entry["kind"] == "done"]
        runs = [place for place, entry in enumerate(entries) if "process" in entry]
        process = entries[runs[-1]]["process"]
        # A job that was kept and is run again has not ended, whatever came of it before.
        ends = [entry for entry in entries[runs[-1] :] if entry["kind"] == "end"]
        here = self._path(job) in _RUNNING_HERE
        state: JobState = "running" if here or _is_alive(process) else "interrupted"
        if ends:
            state = ends[-1]["state"]
        elif entries[-1]["kind"] == "hold":
            state = "unconfirmed"
        return JobRecord(
            id=job,
            title=first["title"],
            who=first["who"],
            state=state,
            started=first["at"],
            ended=ends[-1]["at"] if ends else None,
            done=tuple(dict.fromkeys(done)),
            total=len(first["steps"]),
            failure=ends[-1]["failure"] if ends else {},
            lane=first.get("lane", HOST_LANE),
        )

    def records(self) -> tuple[JobRecord, ...]:
        """All jobs that are still known, the latest first."""
        return tuple(self.record(job) for job in reversed(self._ids()))

    def _ids(self) -> list[str]:
        return sorted(
            (path.stem for path in self.directory.glob("*.jsonl") if path.stem.isdigit()), key=int
        )

    def _path(self, job: str) -> Path:
        return self.directory / f"{job}.jsonl"

    def _kept(self, job: str) -> Journal:
        return Journal(self.directory / f"{job}.kept")

    def _forget(self, job: str) -> None:
        try:
            self._kept(job).path.unlink(missing_ok=True)
        except OSError as error:  # a filesystem that was turned read-only
            log.warning("what a job had found could not be removed: %s", error.strerror)


def _force_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
