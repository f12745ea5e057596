"""Jobs: long changes as a journal of steps, each with probe, do and undo.

Before a step touches anything, what it finds is written to the journal and forced to disk. So a
job that was killed can be resumed (steps that are already done say so) or rolled back (what was
found is put back), by another process and after a power cut.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import Any, Literal

from foundation.failure import Cancelled, Failure

JOBS_DIRECTORY = Path("/var/lib/flexvdi/jobs")
_KEEP = 50

JobState = Literal["running", "done", "failed", "cancelled", "rolled back", "interrupted"]


Undo = Callable[[str, dict[str, Any]], None]
"""Puts back what the step of that name had found."""


@dataclass(frozen=True)
class JobStep:
    """One step. ``capture`` returns, as JSON-ready values, what ``undo`` needs to put things back.

    ``is_done`` lets a resumed job skip it. ``do`` and ``undo`` are idempotent.
    """

    name: str
    title: str
    is_done: Callable[[], bool]
    capture: Callable[[], dict[str, Any]]
    do: Callable[[], None]
    undo: Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class JobEvent:
    """What happens in a job: step ``number`` of ``total`` with ``title`` starts, or a state."""

    job: str
    state: JobState
    title: str
    number: int
    total: int


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

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON-ready values."""
        return asdict(self)


class Journal:
    """The file of one job: JSON lines, each forced to disk before what it announces happens."""

    def __init__(self, path: Path) -> None:
        """``path`` need not exist yet."""
        self.path = path

    def write(self, **entry: Any) -> None:
        """Append an entry."""
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, (json.dumps({"at": time.time(), **entry}) + "\n").encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def entries(self) -> list[dict[str, Any]]:
        """All entries; a last line that a power cut left torn is passed over."""
        entries = []
        for line in self.path.read_text().splitlines():
            try:
                entries.append(json.loads(line))
            except json.JSONDecodeError:
                break
        return entries

    def captured(self) -> list[tuple[str, dict[str, Any]]]:
        """The steps that were begun, with what they found, in order, each once."""
        found: dict[str, dict[str, Any]] = {}
        for entry in self.entries():
            if entry["kind"] == "begin":
                found.setdefault(entry["step"], entry["found"])
        return list(found.items())


class Jobs:
    """The journals of a host, in ``directory``."""

    def __init__(self, directory: Path = JOBS_DIRECTORY) -> None:
        """The directory is made when the first job is."""
        self.directory = directory

    def create(self, title: str, who: str, steps: Sequence[JobStep], **facts: Any) -> str:
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
        names = [step.name for step in steps]
        self.journal(job).write(
            kind="job", title=title, who=who, steps=names, process=os.getpid(), facts=facts
        )
        for old in self._ids()[:-_KEEP]:
            self._path(old).unlink(missing_ok=True)
        return job

    def journal(self, job: str) -> Journal:
        """The journal of ``job``; raises Failure when there is none."""
        if not re.fullmatch(r"[0-9]+", job) or not self._path(job).exists():
            raise Failure(f"There is no job {job}.", "`flexvdi-config job list` shows them.")
        return Journal(self._path(job))

    def facts(self, job: str) -> dict[str, Any]:
        """What was kept for resuming."""
        facts: dict[str, Any] = self.journal(job).entries()[0]["facts"]
        return facts

    def run(
        self,
        job: str,
        steps: Sequence[JobStep],
        on_event: Callable[[JobEvent], None] = lambda event: None,
        cancel: Event | None = None,
    ) -> JobRecord:
        """Walk the steps; when one fails or the job is cancelled, undo what was done.

        Raises what ended it, after the undoing. A step whose undoing fails as well leaves the
        job ``failed``; `rollback` tries again.
        """
        journal = self.journal(job)
        journal.write(kind="process", process=os.getpid())
        try:
            for number, step in enumerate(steps, 1):
                if cancel is not None and cancel.is_set():
                    raise Cancelled(f"at the step “{step.title}”")
                on_event(JobEvent(job, "running", step.title, number, len(steps)))
                if not step.is_done():
                    journal.write(kind="begin", step=step.name, found=step.capture())
                    step.do()
                journal.write(kind="done", step=step.name)
        except Exception as error:
            failure = error if isinstance(error, Failure) else _defect(error)
            state: JobState = "cancelled" if isinstance(error, Cancelled) else "failed"
            by_name = {step.name: step for step in steps}
            left = self._undo(journal, lambda name, found: by_name[name].undo(found))
            if left:
                state = "failed"
                failure = Failure(
                    f"{failure.cause} Not everything could be put back: {left[0].cause}",
                    f"Put that right, then run `flexvdi-config job rollback {job}`.",
                    details=failure.details,
                )
            journal.write(kind="end", state=state, failure=failure.as_dict())
            on_event(JobEvent(job, state, failure.cause, len(steps), len(steps)))
            raise failure from error
        journal.write(kind="end", state="done", failure={})
        on_event(JobEvent(job, "done", "", len(steps), len(steps)))
        return self.record(job)

    def rollback(self, job: str, undo: Undo) -> JobRecord:
        """Undo what an interrupted or failed job has done; ``undo`` knows each step by its name."""
        journal = self.journal(job)
        left = self._undo(journal, undo)
        if left:
            journal.write(kind="end", state="failed", failure=left[0].as_dict())
            raise left[0]
        journal.write(kind="end", state="rolled back", failure={})
        return self.record(job)

    def _undo(self, journal: Journal, undo: Undo) -> list[Failure]:
        """Undo in reverse, going on past what fails; returns what failed."""
        left: list[Failure] = []
        for name, found in reversed(journal.captured()):
            journal.write(kind="undo", step=name)
            try:
                undo(name, found)
            except Exception as error:
                left.append(error if isinstance(error, Failure) else _defect(error))
        return left

    def record(self, job: str) -> JobRecord:
        """What is known of ``job``."""
        entries = self.journal(job).entries()
        if not entries:
            return JobRecord(job, "", "", "interrupted", 0.0, 0.0, (), 0, {})
        first = entries[0]
        done = [entry["step"] for entry in entries if entry["kind"] == "done"]
        ends = [entry for entry in entries if entry["kind"] == "end"]
        process = [entry["process"] for entry in entries if "process" in entry][-1]
        state: JobState = "running" if _is_alive(process) else "interrupted"
        if ends:
            state = ends[-1]["state"]
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


def _is_alive(process: int) -> bool:
    if process == os.getpid():
        return True
    return Path(f"/proc/{process}/comm").exists()


def _defect(error: Exception) -> Failure:
    return Failure(
        f"An unexpected error: {type(error).__name__}: {error}.",
        "This is a defect in this program; the journal has its details.",
    )
