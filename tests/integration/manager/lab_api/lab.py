"""A route of the tests' own: it begins the lab's task."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import OPERATORS
from manager.services import WithServices
from manager.tasks.task import TaskAccepted

ROUTER = APIRouter(prefix="/api/v1/lab")


class Wanted(BaseModel):
    folder: str
    steps: int = 3
    fails_at: int | None = None
    deadline: float | None = None


@ROUTER.post("", status_code=202)
def begin(
    body: Wanted, services: WithServices, principal: Annotated[Principal, requires(*OPERATORS)]
) -> TaskAccepted:
    with services.database.writing() as session:
        task = services.tasks.create(
            session,
            "lab.steps",
            body.model_dump(exclude={"deadline"}),
            principal,
            title="Walk through the steps",
            deadline=body.deadline,
        )
    return TaskAccepted(task=task)
