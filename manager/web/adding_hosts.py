"""Adding a host: a join string to copy, the CA's fingerprint to compare, tokens to revoke.

Sorted before ``hosts``, because ``/hosts/join`` is no host called join.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from foundation.failure import Failure
from foundation.joining import readable_fingerprint
from manager.access.role import OPERATORS
from manager.api import join_tokens as api
from manager.database.paging import LARGEST_PAGE
from manager.hosts.tokens import NewJoinToken, find_tokens, revoke_token
from manager.web.drawing.forms import Form, Typed, made, typed
from manager.web.drawing.page import draw, says, see
from manager.web.drawing.visit import Visit, visiting

ROUTER = APIRouter(include_in_schema=False)
says(token_revoked="The token was revoked: no host can join with it any more.")


@ROUTER.get("/hosts/join")
def adding(request: Request, visit: Annotated[Visit, visiting(*OPERATORS)]) -> Response:
    """The page."""
    return _page(request, visit)


@ROUTER.post("/hosts/join")
def add(request: Request, form: Form, visit: Annotated[Visit, visiting(*OPERATORS)]) -> Response:
    """Make a token and show its join string, this once."""
    try:
        asked = made(
            api.TokenRequest,
            note=form["note"],
            minutes=form["minutes"],
            address=form["address"] or None,
        )
        new = api.create_join_token(asked, request, visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, form, failure=failure)
    return _page(request, visit, new=new)


@ROUTER.post("/hosts/join/{token}/revoke")
def revoke(request: Request, token: str, visit: Annotated[Visit, visiting(*OPERATORS)]) -> Response:
    """Make a token useless."""
    try:
        revoke_token(visit.services, token, visit.principal)
    except Failure as failure:
        return _page(request, visit, failure=failure)
    return see("/hosts/join", "token-revoked")


def _page(
    request: Request,
    visit: Visit,
    form: Typed | None = None,
    *,
    new: NewJoinToken | None = None,
    failure: Failure | None = None,
) -> Response:
    now = visit.services.clock()
    tokens = find_tokens(visit.services, size=LARGEST_PAGE).items
    return draw(
        request,
        "join.html",
        visit,
        here="/hosts",
        failure=failure,
        new=new,
        fingerprint=readable_fingerprint(visit.services.authority.fingerprint),
        tokens=[each for each in tokens if not (each.used or each.revoked or each.expires <= now)],
        typed=form or typed(address=request.url.netloc, minutes="60"),
    )
