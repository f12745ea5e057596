"""The audit log: who did what, from where, and how it ended."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from manager.access.role import AUDITORS
from manager.audit.finding import AuditFilter, find_records
from manager.audit.recording import Result
from manager.database.paging import DEFAULT_PAGE, After
from manager.web.drawing.forms import typed
from manager.web.drawing.page import draw
from manager.web.drawing.paging import links
from manager.web.drawing.visit import Visit, visiting

ROUTER = APIRouter(include_in_schema=False)
_RESULTS = {result.value: result for result in Result}


@ROUTER.get("/audit")
def audit(
    request: Request,
    visit: Annotated[Visit, visiting(*AUDITORS)],
    actor: str = "",
    action: str = "",
    result: str = "",
    after: After = None,
) -> Response:
    """Records, newest first."""
    wanted = AuditFilter(
        actor=actor.strip() or None, action=action.strip() or None, result=_RESULTS.get(result)
    )
    page = find_records(visit.services, wanted, size=DEFAULT_PAGE, after=after)
    kept = {"actor": actor, "action": action, "result": result}
    filters = urlencode({name: text for name, text in kept.items() if text})
    return draw(
        request,
        "audit.html",
        visit,
        here="/audit",
        page=page,
        links=links("/audit", page.next, after, **kept),
        export="/api/v1/audit/export" + (f"?{filters}" if filters else ""),
        typed=typed(**kept),
    )
