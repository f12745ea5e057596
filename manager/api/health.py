"""Whether the Manager works, for deployers and load balancers; no sign-in."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from foundation.failure import Failure
from manager.access.administrators import is_set_up
from manager.services import Services, WithServices
from manager.version import manager_version
from manager.worries import worries

ROUTER = APIRouter(tags=["health"])


class Health(BaseModel):
    """``degraded`` means that it answers and ``reasons`` say what is wrong.

    ``working`` says whether it can do its work all the same.
    """

    status: Literal["ok", "starting", "degraded"]
    working: bool = True
    version: str
    setup_done: bool
    reasons: list[str] = []


@ROUTER.get("/health")
def health(services: WithServices, response: Response) -> Health:
    """The Manager's state; 503 where it cannot do its work, 200 where that only may come."""
    found = health_of(services)
    if not found.working:
        response.status_code = 503
    return found


def health_of(services: Services) -> Health:
    """The same for the dashboard and the metrics."""
    try:
        done = is_set_up(services)
        reasons = list(worries(services))
    except Failure as failure:
        return Health(
            status="degraded",
            working=False,
            version=manager_version(),
            setup_done=False,
            reasons=[failure.cause],
        )
    return Health(
        status="degraded" if reasons else "ok",
        version=manager_version(),
        setup_done=done,
        reasons=reasons,
    )
