"""The audit log, for administrators and auditors."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import AUDITORS
from manager.audit.finding import AuditFilter, AuditRecord, export_csv, find_records
from manager.audit.recording import Result, record
from manager.database.paging import DEFAULT_PAGE, After, Page, PageSize
from manager.services import WithServices

ROUTER = APIRouter(prefix="/api/v1/audit", tags=["audit"])
Auditor = Annotated[Principal, requires(*AUDITORS)]
Text = Annotated[str | None, Query(max_length=200)]
Moment = Annotated[AwareDatetime | None, Query()]


@ROUTER.get("")
def list_audit(
    services: WithServices,
    principal: Auditor,
    size: PageSize = DEFAULT_PAGE,
    after: After = None,
    actor: Text = None,
    action: Text = None,
    target: Text = None,
    result: Result | None = None,
    since: Moment = None,
    until: Moment = None,
) -> Page[AuditRecord]:
    """A page of audit records, newest first; ``action`` may be a beginning, as in "session."."""
    wanted = AuditFilter(
        actor=actor, action=action, target=target, result=result, since=since, until=until
    )
    return find_records(services, wanted, size=size, after=after)


@ROUTER.get("/export", response_class=StreamingResponse)
def export_audit(
    services: WithServices,
    principal: Auditor,
    actor: Text = None,
    action: Text = None,
    target: Text = None,
    result: Result | None = None,
    since: Moment = None,
    until: Moment = None,
) -> StreamingResponse:
    """All records that match, oldest first, as CSV."""
    wanted = AuditFilter(
        actor=actor, action=action, target=target, result=result, since=since, until=until
    )
    with services.database.writing() as session:
        record(session, principal, "audit.export", clock=services.clock)
    return StreamingResponse(
        export_csv(services, wanted),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="flexvdi-audit.csv"'},
    )
