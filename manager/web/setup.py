"""The first start: whoever holds the setup secret becomes the first administrator."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from foundation.failure import Failure
from foundation.joining import readable_fingerprint
from manager.access.administrators import is_set_up
from manager.access.preferences import PasswordPreferences
from manager.access.requires import address_of
from manager.access.setting_up import set_up
from manager.access.signing_in import Credentials, sign_in
from manager.api.session import set_cookie
from manager.preferences.storing import preference
from manager.problems import Invalid
from manager.services import Services, WithServices
from manager.web.drawing.forms import Form, Typed, typed
from manager.web.drawing.origins import check_origin
from manager.web.drawing.page import draw, says, see

ROUTER = APIRouter(include_in_schema=False)
says(
    welcome="Welcome. You are the first administrator. A second factor protects this account; "
    "you can set it up here, now or later."
)


@ROUTER.get("/setup")
def setup(request: Request, services: WithServices) -> Response:
    """The form, as long as nobody is an administrator."""
    if is_set_up(services):
        return see("/sign-in")
    return _page(request, services, typed())


@ROUTER.post("/setup")
def begin(request: Request, form: Form, services: WithServices) -> Response:
    """Make the first administrator, and sign them in."""
    address, password = address_of(request), form.secret("password")
    try:
        check_origin(request)
        if password != form.secret("again"):
            raise Invalid("The two passwords differ.", "Type them once more.", where="again")
        made = set_up(
            services, form.secret("secret"), form["name"], form["full_name"], password, address
        )
        opened = sign_in(
            services,
            Credentials(made.name, password),
            address,
            request.headers.get("user-agent", ""),
        )
    except Failure as failure:
        return _page(request, services, form, failure)
    answer = see("/account", "welcome")
    set_cookie(answer, opened.cookie)
    return answer


def _page(
    request: Request, services: Services, form: Typed, failure: Failure | None = None
) -> Response:
    return draw(
        request,
        "setup.html",
        typed=form,
        failure=failure,
        least_length=preference(services, PasswordPreferences).least_length,
        fingerprint=readable_fingerprint(services.authority.fingerprint),
    )
