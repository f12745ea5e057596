"""The door: signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from foundation.failure import Failure
from manager.access.administrators import is_set_up
from manager.access.requires import address_of, session_of
from manager.access.role import ANYBODY
from manager.access.signing_in import Credentials, sign_in, sign_out
from manager.api.session import clear_cookie, set_cookie
from manager.services import WithServices
from manager.web.drawing.forms import Form, typed
from manager.web.drawing.origins import check_origin
from manager.web.drawing.page import draw, safe_path, see
from manager.web.drawing.visit import Visit, visiting

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/sign-in")
def door(
    request: Request, services: WithServices, next: str = "", signed_out: str = ""
) -> Response:
    """The form; who is signed in already goes on."""
    if not is_set_up(services):
        return see("/setup")
    if session_of(request, services) is not None:
        return see(safe_path(next))
    form = typed(next=next)
    return draw(
        request, "sign-in.html", typed=form, wants_code=False, signed_out=signed_out == "yes"
    )


@ROUTER.post("/sign-in")
def enter(request: Request, form: Form, services: WithServices) -> Response:
    """Sign in and go on to where somebody wanted to."""
    try:
        check_origin(request)
        credentials = Credentials(
            form["name"], form.secret("password"), form.secret("code") if form["code"] else None
        )
        opened = sign_in(
            services, credentials, address_of(request), request.headers.get("user-agent", "")
        )
    except Failure as failure:
        wants_code = failure.where == "code"
        # The first request for a code is no mistake that must be told in red.
        told = None if wants_code and not form["code"] else failure
        again = draw(
            request,
            "sign-in.html",
            typed=form,
            failure=told,
            wants_code=wants_code,
            signed_out=False,
        )
        again.status_code = 401 if told is None else again.status_code
        return again
    first = opened.must_change_password or opened.must_add_factor
    answer = see("/account" if first else safe_path(form["next"]))
    set_cookie(answer, opened.cookie)
    return answer


@ROUTER.post("/sign-out")
def leave(visit: Annotated[Visit, visiting(*ANYBODY)]) -> Response:
    """End the session."""
    sign_out(visit.services, visit.principal)
    answer = see("/sign-in?signed_out=yes")
    clear_cookie(answer)
    return answer
