"""Tasks: the list, and one with its progress."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from foundation.failure import Failure
from manager.access.role import ANYBODY, OPERATORS
from manager.database.paging import DEFAULT_PAGE, After
from manager.tasks.task import TaskState
from manager.web.drawing.forms import typed
from manager.web.drawing.page import draw, says, see
from manager.web.drawing.paging import links
from manager.web.drawing.visit import Visit, visiting

ROUTER = APIRouter(include_in_schema=False)
_STATES = {state.value: state for state in TaskState}
says(cancel_asked="The task was asked to end; it does at its next step.")


@ROUTER.get("/tasks")
def tasks(
    request: Request,
    visit: Annotated[Visit, visiting(*ANYBODY)],
    state: str = "",
    after: After = None,
) -> Response:
    """All tasks, newest first."""
    page = visit.services.tasks.find(
        size=DEFAULT_PAGE, after=after, state=_STATES.get(state), only_open=state == "open"
    )
    return draw(
        request,
        "tasks.html",
        visit,
        here="/tasks",
        page=page,
        typed=typed(state=state),
        links=links("/tasks", page.next, after, state=state),
    )


@ROUTER.get("/tasks/{task}")
def task(request: Request, task: str, visit: Annotated[Visit, visiting(*ANYBODY)]) -> Response:
    """One task."""
    found = visit.services.tasks.get(task)
    return draw(request, "task.html", visit, here="/tasks", task=found)


@ROUTER.post("/tasks/{task}/cancel")
def cancel(
    request: Request,
    task: str,
    visit: Annotated[Visit, visiting(*OPERATORS)],
) -> Response:
    """Ask a task to end."""
    try:
        visit.services.tasks.cancel(task, visit.principal)
    except Failure as failure:
        found = visit.services.tasks.get(task)
        return draw(request, "task.html", visit, here="/tasks", task=found, failure=failure)
    return see(f"/tasks/{task}", "cancel-asked")
