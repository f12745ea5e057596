"""Your account: password, second factor, sessions, API tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from foundation.failure import Failure
from foundation.secret import Secret
from manager.access.administrators import get_administrator
from manager.access.api_tokens import find_tokens
from manager.access.own_account import Offer
from manager.access.preferences import PasswordPreferences
from manager.access.role import ANYBODY, Role
from manager.access.second_factors import own_factor
from manager.access.sessions import find_sessions
from manager.api import account as api
from manager.api import session as sessions_api
from manager.api import tokens as tokens_api
from manager.database.paging import LARGEST_PAGE
from manager.preferences.storing import preference
from manager.problems import Invalid
from manager.web.drawing.forms import Form, Typed, made, typed
from manager.web.drawing.page import draw, says, see
from manager.web.drawing.visit import Visit, visiting

ROUTER = APIRouter(include_in_schema=False)
Visitor = Annotated[Visit, visiting(*ANYBODY)]
says(
    password_changed="Your password is changed, and all your other sessions have ended.",
    factor_removed="Your account has no second factor any more.",
    session_ended="The session has ended.",
    api_token_revoked="The token works no more.",
)


@ROUTER.get("/account")
def account(request: Request, visit: Visitor) -> Response:
    """The page."""
    return _page(request, visit)


@ROUTER.post("/account/password")
def password(request: Request, form: Form, visit: Visitor) -> Response:
    """Change the password."""
    new = form.secret("new")
    try:
        if new != form.secret("again"):
            raise Invalid("The two new passwords differ.", "Type them once more.", where="again")
        body = api.PasswordChange(current=form.secret("current"), new=new)
        api.change_own_password(body, visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, failure)
    return see("/account", "password-changed")


@ROUTER.post("/account/second-factor")
def offer(request: Request, form: Form, visit: Visitor) -> Response:
    """Begin with a second factor: show it, this once."""
    try:
        body = api.Confirmation(password=form.secret("password"))
        offered = api.begin_second_factor(body, visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, failure)
    return _page(request, visit, offer=Offer(offered.secret, offered.uri, offered.qr_svg))


@ROUTER.post("/account/second-factor/confirm")
def confirm(request: Request, form: Form, visit: Visitor) -> Response:
    """Let it count, and show the recovery codes, this once."""
    try:
        body = api.Code(code=Secret(form["code"]))
        confirmed = api.confirm_own_second_factor(body, visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, failure, confirming=True)
    return _page(request, visit, codes=confirmed.codes)


@ROUTER.post("/account/second-factor/remove")
def remove(request: Request, form: Form, visit: Visitor) -> Response:
    """Do without it again."""
    try:
        body = api.Confirmation(password=form.secret("password"))
        api.remove_own_second_factor(body, visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, failure)
    return see("/account", "factor-removed")


@ROUTER.post("/account/sessions/{session}/end")
def end_session(request: Request, session: str, visit: Visitor) -> Response:
    """Sign a browser out."""
    try:
        sessions_api.end_session_of(session, visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, failure)
    return see("/account", "session-ended")


@ROUTER.post("/account/tokens")
def create_token(request: Request, form: Form, visit: Visitor) -> Response:
    """Make an API token and show it, this once."""
    try:
        body = made(
            tokens_api.NewToken, name=form["token_name"], role=form["role"], days=form["days"]
        )
        new = tokens_api.create_a_token(body, visit.services, visit.principal)
    except Failure as failure:
        if failure.where == "name":
            failure.where = "token_name"
        return _page(request, visit, failure, form=form)
    return _page(request, visit, token=new.secret)


@ROUTER.post("/account/tokens/{token}/revoke")
def revoke_token(request: Request, token: str, visit: Visitor) -> Response:
    """End an API token."""
    try:
        tokens_api.revoke_a_token(token, visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, failure)
    return see("/account", "api-token-revoked")


def _page(
    request: Request,
    visit: Visit,
    failure: Failure | None = None,
    *,
    form: Typed | None = None,
    offer: Offer | None = None,
    confirming: bool = False,
    codes: list[Secret] | None = None,
    token: Secret | None = None,
) -> Response:
    """What is shown once is only ever in the answer to the request that made it."""
    own = visit.principal.account if visit.principal.source == "local" else ""
    roles = [role for role in Role if visit.principal.may((role,))]
    weakest = min(roles, key=lambda role: role.strength)
    return draw(
        request,
        "account.html",
        visit,
        failure=failure,
        own=get_administrator(visit.services, own) if own else None,
        factor=own_factor(visit.services, visit.principal),
        sessions=[
            each
            for each in find_sessions(visit.services, visit.principal, size=LARGEST_PAGE).items
            if (each.name, each.source) == (visit.principal.name, visit.principal.source)
        ],
        tokens=[
            each
            for each in find_tokens(visit.services, visit.principal, size=LARGEST_PAGE).items
            if each.created_by == visit.principal.name
        ],
        roles=[(role.value, role.value.capitalize()) for role in roles],
        least_length=preference(visit.services, PasswordPreferences).least_length,
        typed=form or typed(role=weakest.value, days="90"),
        offer=offer,
        confirming=confirming or offer is not None,
        codes=codes,
        new_token=token,
    )
