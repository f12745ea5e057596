"""Guests: listed. What is done with them comes with pools and desktops."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import ANYBODY
from manager.database.paging import DEFAULT_PAGE, Page, PageSize
from manager.guests.finding import Guest, count_guests, find_guests
from manager.services import WithServices

ROUTER = APIRouter(prefix="/api/v1/guests", tags=["guests"])
Somebody = Annotated[Principal, requires(*ANYBODY)]


class GuestCounts(BaseModel):
    """How many guests there are, and how many in which state."""

    total: int
    states: dict[str, int]


@ROUTER.get("")
def list_guests(
    services: WithServices,
    principal: Somebody,
    size: PageSize = DEFAULT_PAGE,
    after: Annotated[str | None, Query(max_length=2000)] = None,
    host: Annotated[str | None, Query(description="Its host's identifier.")] = None,
    state: str | None = None,
    name: Annotated[str | None, Query(max_length=255, description="A part of the name.")] = None,
) -> Page[Guest]:
    """A page of guests, by name."""
    return find_guests(services, size=size, after=after, host=host, state=state, name=name)


@ROUTER.get("/count")
def count_all_guests(services: WithServices, principal: Somebody) -> GuestCounts:
    """How many guests there are."""
    states = count_guests(services)
    return GuestCounts(total=sum(states.values()), states=states)
