"""What this Manager is: version, licence, certificate authority, health."""

from __future__ import annotations

import platform
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from foundation.joining import readable_fingerprint
from manager.access.role import ANYBODY
from manager.api.health import health_of
from manager.web.drawing.page import draw
from manager.web.drawing.visit import Visit, visiting

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/about")
def about(request: Request, visit: Annotated[Visit, visiting(*ANYBODY)]) -> Response:
    """The page."""
    return draw(
        request,
        "about.html",
        visit,
        here="/about",
        health=health_of(visit.services),
        fingerprint=readable_fingerprint(visit.services.authority.fingerprint),
        database="SQLite" if visit.services.settings.on_sqlite else "PostgreSQL",
        python=platform.python_version(),
        request_host=request.url.netloc,
    )
