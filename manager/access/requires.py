"""Who is asking, and may they: what every route says with one dependency."""

from __future__ import annotations

import hmac
from typing import Annotated, Any

from fastapi import Depends, Request

from foundation.secret import Secret
from manager.access.api_tokens import find_token
from manager.access.principal import Principal
from manager.access.role import Role
from manager.access.sessions import COOKIE, Found, find_session
from manager.listening import plain_address
from manager.problems import Forbidden, NotSignedIn
from manager.services import Services, WithServices

CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf_token"
_SAFE = ("GET", "HEAD", "OPTIONS")
# All that somebody may use whose password was set by somebody else, or who lacks a second factor;
# tokens are not among it, for they would be a way around either.
_UNTIL_DONE = ("/api/v1/session", "/api/v1/account", "/account", "/sign-out")
_BUT_NOT = ("/account/tokens",)
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def address_of(request: Request) -> str:
    """Where a request comes from. Headers of proxies are not believed; we are the front door."""
    return plain_address(request.client.host) if request.client else ""


async def _presented_csrf(request: Request) -> str:
    """The anti-forgery token that came with a changing request, in its header or its form."""
    if request.method in _SAFE:
        return ""
    if CSRF_HEADER in request.headers:
        return request.headers[CSRF_HEADER]
    if request.headers.get("content-type", "").startswith(_FORMS):
        return str((await request.form()).get(CSRF_FIELD, ""))
    return ""


def session_of(request: Request, services: WithServices) -> Found | None:
    """The session of a browser, if it has a valid one; for pages that anybody may see."""
    cookie = request.cookies.get(COOKIE, "")
    return find_session(services, Secret(cookie), address_of(request)) if cookie else None


def still_signed_in(request: Request, services: Services) -> bool:
    """Whether what ``request`` came with is valid still; for answers that go on for long.

    A page that is open counts as no use of the session.
    """
    token = _bearer(request)
    if token is not None:
        return find_token(services, token, address_of(request)) is not None
    cookie = Secret(request.cookies.get(COOKIE, ""))
    return find_session(services, cookie, address_of(request), seen=False) is not None


def _bearer(request: Request) -> Secret | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return Secret(token.strip()) if scheme.lower() == "bearer" and token else None


def current_principal(
    request: Request,
    services: WithServices,
    csrf: Annotated[str, Depends(_presented_csrf)],
) -> Principal:
    """Who is asking, by API token or session; raises NotSignedIn or Forbidden."""
    token = _bearer(request)
    if token is not None:
        principal = find_token(services, token, address_of(request))
        if principal is None:
            raise NotSignedIn(
                "This API token is not valid (any more).", "Create a new one on the Manager."
            )
        return principal
    found = session_of(request, services)
    if found is None:
        raise NotSignedIn("Nobody is signed in, or the session has ended.", "Sign in.")
    if request.method not in _SAFE and not hmac.compare_digest(csrf.encode(), found.csrf.encode()):
        raise Forbidden(
            "This request does not carry the session's anti-forgery token.",
            "Load the page again and repeat; programs send it as the header X-CSRF-Token.",
        )
    path = request.url.path
    limited = path.startswith(_BUT_NOT) or not path.startswith(_UNTIL_DONE)
    if found.must_change_password and limited:
        raise Forbidden(
            "The password must be changed first.",
            "Choose a new one, on the page of your account or at /api/v1/account/password.",
            where="password",
        )
    if found.must_add_factor and limited:
        raise Forbidden(
            "A second factor must be set up first.",
            "Begin with it on the page of your account, or at /api/v1/account/second-factor.",
            where="second-factor",
        )
    return found.principal


def requires(*roles: Role) -> Any:
    """A dependency that lets only ``roles`` (and administrators) in and yields the Principal.

    ``principal: Annotated[Principal, requires(*OPERATORS)]``
    """

    async def permitted(principal: Annotated[Principal, Depends(current_principal)]) -> Principal:
        if not principal.may(roles):
            raise Forbidden(
                f"The role {principal.role.value} may not do this.",
                "Ask an administrator of the Manager to do it, or for another role.",
            )
        return principal

    return Depends(permitted)
