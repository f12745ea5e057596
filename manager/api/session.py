"""Signing in and out, and the sessions there are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from foundation.secret import Secret
from manager.access.principal import Principal
from manager.access.requires import address_of, requires, session_of
from manager.access.role import ANYBODY, Role
from manager.access.sessions import (
    COOKIE,
    Found,
    SessionShown,
    end_somebodys_session,
    find_sessions,
)
from manager.access.signing_in import Credentials, sign_in, sign_out
from manager.database.paging import DEFAULT_PAGE, After, Page, PageSize
from manager.services import WithServices

ROUTER = APIRouter(prefix="/api/v1", tags=["session"])


class SignIn(BaseModel):
    """Name and password; the second factor's code once it was asked for (``where`` is "code")."""

    name: str = Field(min_length=1, max_length=200)
    password: Secret
    code: Secret | None = None


class WhoAmI(BaseModel):
    """Who is signed in. ``csrf`` goes into the header X-CSRF-Token of every change."""

    name: str
    role: Role
    source: str
    csrf: str = ""
    must_change_password: bool = False
    must_add_second_factor: bool = False


@ROUTER.post("/session", status_code=201)
def open_a_session(
    body: SignIn, request: Request, response: Response, services: WithServices
) -> WhoAmI:
    """Sign in; the session is a cookie."""
    opened = sign_in(
        services,
        Credentials(body.name, body.password, body.code),
        address_of(request),
        request.headers.get("user-agent", ""),
    )
    set_cookie(response, opened.cookie)
    principal = opened.principal
    return WhoAmI(
        name=principal.name,
        role=principal.role,
        source=principal.source,
        csrf=opened.csrf,
        must_change_password=opened.must_change_password,
        must_add_second_factor=opened.must_add_factor,
    )


@ROUTER.get("/session")
def who_am_i(
    principal: Annotated[Principal, requires(*ANYBODY)],
    found: Annotated[Found | None, Depends(session_of)],
) -> WhoAmI:
    """Who is asking, by session or token."""
    return WhoAmI(
        name=principal.name,
        role=principal.role,
        source=principal.source,
        csrf=found.csrf if found else "",
        must_change_password=found.must_change_password if found else False,
        must_add_second_factor=found.must_add_factor if found else False,
    )


@ROUTER.delete("/session", status_code=204)
def end_the_session(
    services: WithServices,
    principal: Annotated[Principal, requires(*ANYBODY)],
    response: Response,
) -> None:
    """Sign out."""
    sign_out(services, principal)
    clear_cookie(response)


@ROUTER.get("/sessions")
def list_sessions(
    services: WithServices,
    principal: Annotated[Principal, requires(*ANYBODY)],
    size: PageSize = DEFAULT_PAGE,
    after: After = None,
) -> Page[SessionShown]:
    """The own sessions; an administrator sees all."""
    return find_sessions(services, principal, size=size, after=after)


@ROUTER.delete("/sessions/{session}", status_code=204)
def end_session_of(
    session: str, services: WithServices, principal: Annotated[Principal, requires(*ANYBODY)]
) -> None:
    """End a session of one's own; an administrator may end any."""
    end_somebodys_session(services, principal, session)


def set_cookie(response: Response, cookie: Secret) -> None:
    """Give the browser its session; it forgets it when it is closed."""
    response.set_cookie(
        COOKIE, cookie.reveal(), path="/", secure=True, httponly=True, samesite="strict"
    )


def clear_cookie(response: Response) -> None:
    """Let the browser forget its session."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
