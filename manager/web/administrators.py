"""Administrators of the Manager's own; who is signed in; all API tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from foundation.failure import Failure
from manager.access.administrators import find_administrators, get_administrator
from manager.access.api_tokens import find_tokens
from manager.access.preferences import PasswordPreferences
from manager.access.role import ADMINISTRATORS, Role
from manager.access.second_factors import find_factors
from manager.access.sessions import find_sessions
from manager.api import administrators as api
from manager.api import second_factors as factors_api
from manager.api import session as sessions_api
from manager.api import tokens as tokens_api
from manager.database.paging import DEFAULT_PAGE, LARGEST_PAGE, After
from manager.preferences.storing import preference
from manager.web.drawing.forms import Form, Typed, made, typed
from manager.web.drawing.page import draw, says, see
from manager.web.drawing.paging import links
from manager.web.drawing.visit import Visit, visiting

ROUTER = APIRouter(include_in_schema=False)
Administrator = Annotated[Visit, visiting(*ADMINISTRATORS)]
_ROLES = [(role.value, role.value.capitalize()) for role in sorted(Role, key=lambda r: -r.strength)]
says(
    administrator_added="The administrator was created, and chooses a new password at first.",
    administrator_changed="The changes are in force.",
    administrator_removed="The administrator was removed, with sessions and tokens.",
    password_reset="The password is set; it must be changed at the next sign-in.",
    second_factor_removed="The second factor was removed.",
    persons_factor_removed="The second factor was removed, and its owner signed out.",
)


@ROUTER.get("/administrators")
def administrators(request: Request, visit: Administrator, after: After = None) -> Response:
    """All of them, and what is open in their names."""
    return _list(request, visit, after=after)


@ROUTER.post("/administrators")
def create(request: Request, form: Form, visit: Administrator) -> Response:
    """Make one."""
    try:
        body = made(
            api.NewAdministrator,
            name=form["name"],
            full_name=form["full_name"],
            role=form["role"],
            password=form.secret("password"),
        )
        api.add_an_administrator(body, visit.services, visit.principal)
    except Failure as failure:
        return _list(request, visit, failure, form)
    return see("/administrators", "administrator-added")


@ROUTER.post("/administrators/sessions/{session}/end")
def end_session(request: Request, session: str, visit: Administrator) -> Response:
    """Sign somebody out."""
    try:
        sessions_api.end_session_of(session, visit.services, visit.principal)
    except Failure as failure:
        return _list(request, visit, failure)
    return see("/administrators", "session-ended")


@ROUTER.post("/administrators/tokens/{token}/revoke")
def revoke_token(request: Request, token: str, visit: Administrator) -> Response:
    """End somebody's API token."""
    try:
        tokens_api.revoke_a_token(token, visit.services, visit.principal)
    except Failure as failure:
        return _list(request, visit, failure)
    return see("/administrators", "api-token-revoked")


@ROUTER.post("/administrators/second-factors/{factor}/remove")
def remove_persons_factor(request: Request, factor: str, visit: Administrator) -> Response:
    """Take the second factor off a person of a directory."""
    try:
        factors_api.remove_somebodys_second_factor(factor, visit.services, visit.principal)
    except Failure as failure:
        return _list(request, visit, failure)
    return see("/administrators", "persons-factor-removed")


@ROUTER.get("/administrators/{administrator}")
def administrator(request: Request, administrator: str, visit: Administrator) -> Response:
    """One."""
    return _one(request, visit, administrator)


@ROUTER.post("/administrators/{administrator}")
def change(request: Request, administrator: str, form: Form, visit: Administrator) -> Response:
    """Change name, role, or whether it may sign in."""
    try:
        body = made(
            api.AdministratorChange,
            full_name=form["full_name"],
            role=form["role"],
            disabled="disabled" in form,
        )
        api.change_an_administrator(administrator, body, visit.services, visit.principal)
    except Failure as failure:
        return _one(request, visit, administrator, failure, form)
    return see(f"/administrators/{administrator}", "administrator-changed")


@ROUTER.post("/administrators/{administrator}/password")
def reset(request: Request, administrator: str, form: Form, visit: Administrator) -> Response:
    """Set the password."""
    try:
        body = made(api.NewPassword, password=form.secret("password"))
        api.reset_a_password(administrator, body, visit.services, visit.principal)
    except Failure as failure:
        return _one(request, visit, administrator, failure)
    return see(f"/administrators/{administrator}", "password-reset")


@ROUTER.post("/administrators/{administrator}/second-factor")
def remove_factor(request: Request, administrator: str, visit: Administrator) -> Response:
    """Take the second factor off."""
    try:
        api.remove_a_second_factor(administrator, visit.services, visit.principal)
    except Failure as failure:
        return _one(request, visit, administrator, failure)
    return see(f"/administrators/{administrator}", "second-factor-removed")


@ROUTER.post("/administrators/{administrator}/remove")
def remove(request: Request, administrator: str, visit: Administrator) -> Response:
    """Remove the account."""
    try:
        api.remove_an_administrator(administrator, visit.services, visit.principal)
    except Failure as failure:
        return _one(request, visit, administrator, failure)
    return see("/administrators", "administrator-removed")


def _list(
    request: Request,
    visit: Visit,
    failure: Failure | None = None,
    form: Typed | None = None,
    *,
    after: str | None = None,
) -> Response:
    page = find_administrators(visit.services, size=DEFAULT_PAGE, after=after)
    return draw(
        request,
        "administrators.html",
        visit,
        here="/administrators",
        failure=failure,
        page=page,
        links=links("/administrators", page.next, after),
        sessions=find_sessions(visit.services, visit.principal, size=LARGEST_PAGE).items,
        tokens=find_tokens(visit.services, visit.principal, size=LARGEST_PAGE).items,
        factors=find_factors(visit.services, size=LARGEST_PAGE).items,
        roles=_ROLES,
        least_length=preference(visit.services, PasswordPreferences).least_length,
        typed=form or typed(role=Role.OPERATOR.value),
    )


def _one(
    request: Request,
    visit: Visit,
    administrator: str,
    failure: Failure | None = None,
    form: Typed | None = None,
) -> Response:
    found = get_administrator(visit.services, administrator)
    first = {"full_name": found.full_name, "role": found.role.value}
    if found.disabled:
        first["disabled"] = "yes"
    return draw(
        request,
        "administrator.html",
        visit,
        here="/administrators",
        failure=failure,
        one=found,
        roles=_ROLES,
        least_length=preference(visit.services, PasswordPreferences).least_length,
        typed=form or typed(**first),
    )
