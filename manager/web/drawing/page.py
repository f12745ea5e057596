"""Drawing a page, and going on to another one after a change."""

from __future__ import annotations

import functools
import re
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from foundation.failure import Failure
from manager.problems import status_of
from manager.web.drawing.formats import FILTERS
from manager.web.drawing.graphs import graph, meter, spark
from manager.web.drawing.icons import icon
from manager.web.drawing.menu import menu_for
from manager.web.drawing.static_files import FOLDER, address_of
from manager.web.drawing.visit import Visit

THEME_COOKIE = "flexvdi_theme"
_THEMES = ("dark", "light")


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("manager.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    environment.globals.update(
        icon=icon, static=address_of, graph=graph, meter=meter, spark=spark, mark=_mark()
    )
    return environment


def _mark() -> Markup:
    return Markup((FOLDER / "mark.svg").read_text().replace("<svg ", '<svg aria-hidden="true" ', 1))


def draw(
    request: Request,
    template: str,
    visit: Visit | None = None,
    *,
    failure: Failure | None = None,
    here: str = "",
    **values: Any,
) -> HTMLResponse:
    """The page ``template`` for ``visit``, None where nobody is signed in.

    ``failure`` is what went wrong with what was asked; it gives the page its status. ``here`` is
    the path of the menu's entry that the page belongs to.
    """
    theme = request.cookies.get(THEME_COOKIE, "")
    text = (
        _environment()
        .get_template(template)
        .render(
            failure=failure,
            here=here,
            theme=theme if theme in _THEMES else "",
            **_of_visit(request, visit),
            **values,
        )
    )
    status = status_of(failure) if failure else 200
    return HTMLResponse(text, status)


def _of_visit(request: Request, visit: Visit | None) -> dict[str, Any]:
    if visit is None:
        return {"person": None, "csrf": ""}
    return {
        "person": visit.principal,
        "csrf": visit.csrf,
        "menu": menu_for(visit.principal),
        "version": visit.version,
        "at_work": visit.tasks_at_work(),
        "said": SAID.get(request.query_params.get("said", ""), ""),
        "may_operate": visit.may_operate,
        "may_administer": visit.may_administer,
    }


# What a page says after something was done: these words only, whatever a link asks for.
SAID: dict[str, str] = {}


def says(**words: str) -> None:
    """Let pages say ``words`` when they come with ``?said=NAME``."""
    SAID.update({name.replace("_", "-"): text for name, text in words.items()})


def see(path: str, said: str = "") -> RedirectResponse:
    """Go on to ``path`` after a change (303), where the page says ``said``."""
    if said:
        assert said in SAID, f"nothing to say for {said}"
        path += ("&" if "?" in path else "?") + f"said={said}"
    return RedirectResponse(path, 303)


def safe_path(path: str) -> str:
    """``path`` if it is one of ours to go on to after signing in, or else the overview."""
    return path if re.fullmatch(r"/(?![/\\])[^\s\\]{0,500}", path) else "/"
