"""Second factors of people of directories: listed, and taken off somebody who lost theirs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import ADMINISTRATORS
from manager.access.second_factors import PersonsFactor, find_factors, remove_factor
from manager.database.paging import DEFAULT_PAGE, After, Page, PageSize
from manager.services import WithServices

ROUTER = APIRouter(prefix="/api/v1/second-factors", tags=["account"])
Admin = Annotated[Principal, requires(*ADMINISTRATORS)]


@ROUTER.get("")
def list_second_factors(
    services: WithServices,
    principal: Admin,
    size: PageSize = DEFAULT_PAGE,
    after: After = None,
) -> Page[PersonsFactor]:
    """A page of them; administrators of the Manager's own have theirs in their accounts."""
    return find_factors(services, size=size, after=after)


@ROUTER.delete("/{factor}", status_code=204)
def remove_somebodys_second_factor(factor: str, services: WithServices, principal: Admin) -> None:
    """Take it off; its owner is signed out."""
    remove_factor(services, principal, factor)
