"""Forms that come before anybody is signed in carry no token; where they come from tells."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request

from manager.problems import Forbidden


def check_origin(request: Request) -> None:
    """Raise Forbidden for a form of another site's page; browsers say so in Origin (RFC 6454).

    Otherwise another page could sign somebody in here as somebody else.
    """
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.url.netloc:
        raise Forbidden("This form was sent from another site.", "Open this page yourself.")
