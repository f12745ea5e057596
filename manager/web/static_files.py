"""Style sheets, scripts and pictures."""

from __future__ import annotations

from pathlib import PurePath

from fastapi import APIRouter
from fastapi.responses import Response

from manager.problems import NotFound
from manager.web.drawing.static_files import FOLDER, PREFIX, TYPES, edition

ROUTER = APIRouter(include_in_schema=False)
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}


@ROUTER.get(PREFIX + "/{asked}/{name}")
def static_file(asked: str, name: str) -> Response:
    """The file ``name``; of another edition than ours there is none any more."""
    kind = TYPES.get(PurePath(name).suffix)
    path = FOLDER / name
    if kind is None or asked != edition() or path.parent != FOLDER or not path.is_file():
        raise NotFound("There is no such file.", "Load the page again.")
    return Response(path.read_bytes(), media_type=kind, headers=_FOR_GOOD)
