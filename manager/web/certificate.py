"""The certificate that browsers are shown: the Manager's own, or one that was brought."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from foundation.failure import Failure
from foundation.joining import readable_fingerprint
from manager.access.role import ADMINISTRATORS
from manager.api import server_certificate as api
from manager.web.drawing.forms import Form, Typed, made, typed
from manager.web.drawing.page import draw, says, see
from manager.web.drawing.visit import Visit, visiting

ROUTER = APIRouter(include_in_schema=False)
Administrator = Annotated[Visit, visiting(*ADMINISTRATORS)]
says(
    certificate_brought="Browsers are shown the new certificate from now on.",
    certificate_forgotten="Browsers are shown the Manager’s own certificate again.",
    certificate_renewed="The Manager’s own certificate was made anew.",
)


@ROUTER.get("/certificate")
def certificate(request: Request, visit: Administrator) -> Response:
    """What is in use."""
    return _page(request, visit)


@ROUTER.post("/certificate")
def bring(request: Request, form: Form, visit: Administrator) -> Response:
    """Use another CA's."""
    try:
        body = made(api.Brought, certificate=form["certificate"], key=form.secret("key"))
        api.bring_certificate(body, visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, failure, form)
    return see("/certificate", "certificate-brought")


@ROUTER.post("/certificate/forget")
def forget(request: Request, visit: Administrator) -> Response:
    """Use the own one again."""
    try:
        api.forget_certificate(visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, failure)
    return see("/certificate", "certificate-forgotten")


@ROUTER.post("/certificate/renew")
def renew(request: Request, form: Form, visit: Administrator) -> Response:
    """Make the own one anew."""
    try:
        body = made(api.Renewal, names=form.lines("names"))
        api.renew_server_certificate(body, visit.services, visit.principal)
    except Failure as failure:
        return _page(request, visit, failure, form)
    return see("/certificate", "certificate-renewed")


def _page(
    request: Request, visit: Visit, failure: Failure | None = None, form: Typed | None = None
) -> Response:
    # A private key that was typed is not sent back, not even to who typed it.
    kept = typed(certificate=form["certificate"], names=form["names"]) if form else typed()
    return draw(
        request,
        "certificate.html",
        visit,
        here="/certificate",
        failure=failure,
        used=api.server_certificates(visit.services, visit.principal),
        fingerprint=readable_fingerprint(visit.services.authority.fingerprint),
        typed=kept,
    )
