"""Events: those that were, and those that come."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from manager.access.principal import Principal
from manager.access.requires import requires, still_signed_in
from manager.access.role import ANYBODY
from manager.database.paging import DEFAULT_PAGE, After, Page, PageSize
from manager.events.event import Event, Severity
from manager.events.finding import find_events, missed_since
from manager.events.hub import stream
from manager.problems import Unavailable
from manager.services import WithServices

ROUTER = APIRouter(prefix="/api/v1/events", tags=["events"])


@ROUTER.get("")
def list_events(
    services: WithServices,
    principal: Annotated[Principal, requires(*ANYBODY)],
    size: PageSize = DEFAULT_PAGE,
    after: After = None,
    kind: Annotated[str | None, Query(description="This kind, or all that begin so.")] = None,
    subject: str | None = None,
    severity: Severity | None = None,
) -> Page[Event]:
    """A page of events, newest first."""
    return find_events(
        services, size=size, after=after, kind=kind, subject=subject, severity=severity
    )


@ROUTER.get("/stream", response_class=StreamingResponse)
async def follow_events(
    request: Request,
    services: WithServices,
    principal: Annotated[Principal, requires(*ANYBODY)],
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Events as they come (Server-Sent Events), after those since ``Last-Event-ID``."""
    listener = services.events.listen()
    if listener is None:
        raise Unavailable("Too many follow the events already.", "Close some pages, try again.")
    missed: list[Event] = []
    if last_event_id is not None and last_event_id.isdecimal():
        try:
            missed = await asyncio.to_thread(missed_since, services, int(last_event_id))
        except BaseException:
            services.events.leave(listener)
            raise

    async def permitted() -> bool:
        return await asyncio.to_thread(still_signed_in, request, services)

    return StreamingResponse(
        stream(services.events, listener, missed, permitted),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
