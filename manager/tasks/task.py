"""What a task is, for the API, and what a kind of task is, for the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from manager.tasks.run import TaskRun


class TaskState(StrEnum):
    """Where a task is; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self in FINAL


# As the database keeps them.
FINAL: tuple[str, ...] = (
    TaskState.DONE.value,
    TaskState.FAILED.value,
    TaskState.CANCELLED.value,
)
OPEN: tuple[str, ...] = (TaskState.QUEUED.value, TaskState.RUNNING.value)


class Tier(StrEnum):
    """The queues, most urgent first: what a person waits for never stands behind a backup."""

    INTERACTIVE = "interactive"
    STANDARD = "standard"
    BULK = "bulk"
    MAINTENANCE = "maintenance"


# How many tasks of a tier run at the same time.
WORKERS: dict[Tier, int] = {
    Tier.INTERACTIVE: 8,
    Tier.STANDARD: 8,
    Tier.BULK: 4,
    Tier.MAINTENANCE: 1,
}


class Problem(BaseModel):
    """Why a task failed, and what to do."""

    model_config = ConfigDict(frozen=True)

    cause: str
    remedy: str = ""
    where: str = ""
    details: str = ""


class Task(BaseModel):
    """A task as people and programs see it; times in UTC."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    title: str
    subject: str
    state: TaskState
    tier: Tier
    created: datetime
    created_by: str
    started: datetime | None
    finished: datetime | None
    deadline: datetime
    percent: int
    message: str
    cancellable: bool
    cancel_asked: bool
    result: dict[str, Any] | None
    error: Problem | None


class TaskAccepted(BaseModel):
    """The answer (202) to everything that became a task: follow it at ``/api/v1/tasks/{task}``."""

    task: str


@dataclass(frozen=True)
class TaskKind:
    """A kind of task.

    ``run`` does it, in steps, and returns its result as JSON. ``deadline`` is in seconds from
    the creation on. Listed in the ``KINDS`` of an area's module ``task_kinds``.
    """

    name: str
    run: Callable[[TaskRun], dict[str, Any] | None]
    deadline: float
    tier: Tier = Tier.STANDARD
    cancellable: bool = True
