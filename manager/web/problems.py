"""How a problem looks as a page; the application calls this for everything outside of the API."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request, Response

from foundation.failure import Failure
from manager.problems import Forbidden, NotSignedIn, TooMany
from manager.web.drawing.page import draw, see


def page(request: Request, failure: Failure, status: int) -> Response:
    """The sign-in page where nobody is signed in; otherwise cause and remedy."""
    if isinstance(failure, NotSignedIn):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        back = wanted if request.method == "GET" and wanted != "/" else ""
        return see("/sign-in" + (f"?next={quote(back, safe='')}" if back else ""))
    if isinstance(failure, Forbidden) and failure.where in ("password", "second-factor"):
        return see("/account")  # all that is open to somebody who has to do something there first
    answer = draw(request, "error.html", failure=failure)
    answer.status_code = status
    if isinstance(failure, TooMany):
        answer.headers["Retry-After"] = str(failure.retry_after)
    return answer
