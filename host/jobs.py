"""Jobs: long changes as a journal of steps, each with probe, do and undo.

Before a step touches anything, what it finds is forced to disk. So a job that was killed can be
resumed (steps that are already done say so) or rolled back (what was found is put back), by
another process and after a power cut.

A journal tells what happened and holds no secret. What a step found may hold some (keys, password
hashes); it is kept in a file of its own beside the journal, and only as long as it may be needed.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from threading import Event
from typing import Any, Literal

from foundation.failure import Cancelled, Failure

JOBS_DIRECTORY = Path("/var/lib/flexvdi/jobs")
_KEEP = 50
_RUNNING_HERE: set[Path] = set()

JobState = Literal[
    "running", "unconfirmed", "done", "failed", "cancelled", "rolled back", "interrupted"
]


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
    """A file of JSON lines, each forced to disk before what it announces happens."""

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
        """All entries; a last line that a power cut left torn is passed over. None of no file."""
        entries: list[dict[str, Any]] = []
        try:
            text = self.path.read_text()
        except FileNotFoundError:
            return entries
        for line in text.splitlines():
            try:
                entries.append(json.loads(line))
            except json.JSONDecodeError:
                break
        return entries


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
        self._kept(job).write(facts=facts)
        names = [step.name for step in steps]
        self.journal(job).write(
            kind="job", title=title, who=who, steps=names, process=_this_process()
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
    ) -> JobRecord:
        """Walk the steps; when one fails or the job is cancelled, undo what was done.

        Raises what ended it, after the undoing. A step whose undoing fails as well leaves the
        job ``failed``; `rollback` tries again. With ``hold`` the job does not end: it is
        ``unconfirmed``, with what ``hold`` returns kept for :meth:`held`, until it is run again
        with its last steps, or rolled back. Then ``undo`` must know the steps of the first run.
        """
        with self._alone(job):
            return self._walk(job, steps, on_event, cancel, hold, undo)

    def _walk(
        self,
        job: str,
        steps: Sequence[JobStep],
        on_event: Callable[[JobEvent], None],
        cancel: Event | None,
        hold: Callable[[], dict[str, Any]] | None,
        undo: Undo | None,
    ) -> JobRecord:
        journal = self.journal(job)
        journal.write(kind="process", process=_this_process())
        try:
            for number, step in enumerate(steps, 1):
                if cancel is not None and cancel.is_set():
                    raise Cancelled(f"at the step “{step.title}”")
                on_event(JobEvent(job, "running", step.title, number, len(steps)))
                if not step.is_done():
                    self._kept(job).write(step=step.name, found=step.capture())
                    journal.write(kind="begin", step=step.name)
                    step.do()
                journal.write(kind="done", step=step.name)
            if hold is not None:
                journal.write(kind="hold", facts=hold())
        except Exception as error:
            failure = error if isinstance(error, Failure) else _defect(error)
            state: JobState = "cancelled" if isinstance(error, Cancelled) else "failed"
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

    @contextmanager
    def deciding(self, job: str) -> Iterator[None]:
        """Be the only process that decides what becomes of ``job``; others wait here."""
        with self.journal(job).path.open("rb") as stream:
            flock(stream, LOCK_EX)
            yield

    def rollback(self, job: str, undo: Undo) -> JobRecord:
        """Undo what an interrupted or failed job has done; ``undo`` knows each step by its name."""
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
            journal.write(kind="undo", step=name)
            try:
                undo(name, found)
            except Exception as error:
                left.append(error if isinstance(error, Failure) else _defect(error))
        return left

    def _end(
        self, job: str, state: JobState, failure: Failure | None = None, *, put_back: bool = True
    ) -> None:
        """Note the end; what was found stays when something is left to be put back."""
        parts = failure.as_dict() if failure else {}
        self.journal(job).write(kind="end", state=state, failure=parts, put_back=put_back)
        if put_back:
            self._forget(job)

    def captured(self, job: str) -> list[tuple[str, dict[str, Any]]]:
        """The steps that were begun, with what they found, in order, each once."""
        found: dict[str, dict[str, Any]] = {}
        for entry in self._kept(job).entries():
            if "step" in entry:
                found.setdefault(entry["step"], entry["found"])
        return list(found.items())

    @contextmanager
    def _alone(self, job: str) -> Iterator[None]:
        """Hold the lock of all jobs; raises Failure when another one is being carried out."""
        with (self.directory / "lock").open("w") as lock:
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
        ends = [entry for entry in entries if entry["kind"] == "end"]
        process = [entry["process"] for entry in entries if "process" in entry][-1]
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
        self._kept(job).path.unlink(missing_ok=True)


def _this_process() -> dict[str, Any]:
    return {"pid": os.getpid(), "started": _started(os.getpid())}


def _started(process: int) -> str:
    """What tells a process from later ones of its number: the boot, and the ticks since then.

    Empty when there is no such process (proc(5), field 22 of stat).
    """
    try:
        ticks = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (OSError, IndexError):
        return ""
    return f"{boot} {ticks}"


def _is_alive(process: dict[str, Any]) -> bool:
    """Whether another process is at work; a job of this one is known by other means."""
    here = process["pid"] == os.getpid()
    return not here and bool(process["started"]) and _started(process["pid"]) == process["started"]


def _force_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _defect(error: Exception) -> Failure:
    return Failure(
        f"An unexpected error: {type(error).__name__}: {error}.",
        "This is a defect in this program; the journal has its details.",
    )
