"""Join tokens: made for a host that is to join, listed, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from foundation.joining import check_manager_address
from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import OPERATORS
from manager.database.paging import DEFAULT_PAGE, After, Page, PageSize
from manager.hosts.tokens import (
    JoinToken,
    NewJoinToken,
    create_token,
    find_tokens,
    revoke_token,
)
from manager.services import WithServices

ROUTER = APIRouter(prefix="/api/v1/join-tokens", tags=["hosts"])

Operator = Annotated[Principal, requires(*OPERATORS)]


class TokenRequest(BaseModel):
    """``minutes`` is how long it can be used. ``address`` is where the host reaches the Manager.

    Without one, it is the address that this request was sent to.
    """

    note: Annotated[str, Field(max_length=200)] = ""
    minutes: Annotated[int, Field(ge=1, le=30 * 24 * 60)] = 60
    address: str | None = None


@ROUTER.get("")
def list_join_tokens(
    services: WithServices,
    principal: Operator,
    size: PageSize = DEFAULT_PAGE,
    after: After = None,
) -> Page[JoinToken]:
    """A page of tokens, newest first, without what they are."""
    return find_tokens(services, size=size, after=after)


@ROUTER.post("", status_code=201)
def create_join_token(
    asked: TokenRequest, request: Request, services: WithServices, principal: Operator
) -> NewJoinToken:
    """Make a token; its join string is shown in this answer and never again."""
    url = request.url
    own = f"{url.hostname or 'localhost'}"
    address, port = own, url.port or 443
    if asked.address is not None:
        address, port = check_manager_address(asked.address)
    return create_token(
        services,
        principal,
        address,
        port,
        note=asked.note,
        lifetime=timedelta(minutes=asked.minutes),
    )


@ROUTER.delete("/{token}", status_code=204)
def delete_join_token(token: str, services: WithServices, principal: Operator) -> None:
    """Make a token useless."""
    revoke_token(services, token, principal)
