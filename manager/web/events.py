"""Events as they happen."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from manager.access.role import ANYBODY
from manager.database.paging import DEFAULT_PAGE, After
from manager.events.event import Severity
from manager.events.finding import find_events
from manager.web.drawing.forms import typed
from manager.web.drawing.page import draw
from manager.web.drawing.paging import links
from manager.web.drawing.visit import Visit, visiting

ROUTER = APIRouter(include_in_schema=False)
_SEVERITIES = {severity.value: severity for severity in Severity}


@ROUTER.get("/events")
def events(
    request: Request,
    visit: Annotated[Visit, visiting(*ANYBODY)],
    severity: str = "",
    after: After = None,
) -> Response:
    """What happened, newest first."""
    page = find_events(
        visit.services, size=DEFAULT_PAGE, after=after, severity=_SEVERITIES.get(severity)
    )
    return draw(
        request,
        "events.html",
        visit,
        here="/events",
        page=page,
        typed=typed(severity=severity),
        links=links("/events", page.next, after, severity=severity),
    )
