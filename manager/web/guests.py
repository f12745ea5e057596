"""Guests on all hosts, in pages, to be looked for by name, host and state."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from agent.protocol.inventory import GuestState
from manager.access.role import ANYBODY
from manager.database.paging import LARGEST_PAGE
from manager.guests.finding import find_guests
from manager.hosts.finding import find_hosts
from manager.web.drawing.forms import typed
from manager.web.drawing.page import draw
from manager.web.drawing.paging import links
from manager.web.drawing.visit import Visit, visiting

ROUTER = APIRouter(include_in_schema=False)
_SIZE = 100
_STATES = get_args(GuestState)


@ROUTER.get("/guests")
def guests(
    request: Request,
    visit: Annotated[Visit, visiting(*ANYBODY)],
    name: Annotated[str, Query(max_length=255)] = "",
    host: str = "",
    state: str = "",
    after: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """A page of guests, by name."""
    page = find_guests(
        visit.services,
        size=_SIZE,
        after=after,
        host=host or None,
        state=state if state in _STATES else None,
        name=name.strip() or None,
    )
    hosts = {each.id: each.name for each in find_hosts(visit.services, size=LARGEST_PAGE).items}
    return draw(
        request,
        "guests.html",
        visit,
        here="/guests",
        page=page,
        host_names=hosts,
        hosts=[("", "All"), *hosts.items()],
        states=[("", "All"), *((each, each.capitalize()) for each in _STATES)],
        typed=typed(name=name, host=host, state=state),
        links=links("/guests", page.next, after, name=name, host=host, state=state),
    )
