"""API tokens: made, listed, revoked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from foundation.secret import Secret
from manager.access.api_tokens import (
    LONGEST_DAYS,
    ApiToken,
    create_token,
    find_tokens,
    revoke_token,
)
from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import ANYBODY, Role
from manager.database.paging import DEFAULT_PAGE, After, Page, PageSize
from manager.services import WithServices

ROUTER = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])
Somebody = Annotated[Principal, requires(*ANYBODY)]


class NewToken(BaseModel):
    """What the token is for, what it may, and for how long (days)."""

    name: str = Field(min_length=1, max_length=100)
    role: Role
    days: int = Field(90, ge=1, le=LONGEST_DAYS)


class TokenWithSecret(BaseModel):
    """A new token with its secret, which is shown this once."""

    token: ApiToken
    secret: Secret


@ROUTER.get("")
def list_tokens(
    services: WithServices, principal: Somebody, size: PageSize = DEFAULT_PAGE, after: After = None
) -> Page[ApiToken]:
    """The own tokens; an administrator sees all."""
    return find_tokens(services, principal, size=size, after=after)


@ROUTER.post("", status_code=201)
def create_a_token(body: NewToken, services: WithServices, principal: Somebody) -> TokenWithSecret:
    """Create a token; send it as ``Authorization: Bearer SECRET``."""
    token, secret = create_token(services, principal, body.name, body.role, body.days)
    return TokenWithSecret(token=token, secret=secret)


@ROUTER.delete("/{token}", status_code=204)
def revoke_a_token(token: str, services: WithServices, principal: Somebody) -> None:
    """End a token at once."""
    revoke_token(services, principal, token)
