"""Tasks: listed, followed, cancelled."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import ANYBODY, OPERATORS
from manager.database.paging import DEFAULT_PAGE, After, Page, PageSize
from manager.services import WithServices
from manager.tasks.task import Task, TaskState

ROUTER = APIRouter(prefix="/api/v1/tasks", tags=["tasks"])


@ROUTER.get("")
def list_tasks(
    services: WithServices,
    principal: Annotated[Principal, requires(*ANYBODY)],
    size: PageSize = DEFAULT_PAGE,
    after: After = None,
    state: TaskState | None = None,
    kind: str | None = None,
    subject: str | None = None,
) -> Page[Task]:
    """A page of tasks, newest first."""
    return services.tasks.find(size=size, after=after, state=state, kind=kind, subject=subject)


@ROUTER.get("/{task}")
def get_task(
    task: str, services: WithServices, principal: Annotated[Principal, requires(*ANYBODY)]
) -> Task:
    """One task."""
    return services.tasks.get(task)


@ROUTER.post("/{task}/cancel", status_code=202)
def cancel_task(
    task: str, services: WithServices, principal: Annotated[Principal, requires(*OPERATORS)]
) -> Task:
    """Ask a task to end; it does at its next step."""
    return services.tasks.cancel(task, principal)
