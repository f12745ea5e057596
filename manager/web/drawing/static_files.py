"""Style sheets, scripts and pictures, served by a name that changes with what they hold.

So browsers keep them for good, and never mix those of two versions of the Manager.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "static"
PREFIX = "/static"
TYPES: dict[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@functools.cache
def edition() -> str:
    """A short hash over all files."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def address_of(name: str) -> str:
    """Where the file ``name`` is to be had; a name that is none is a defect of ours."""
    assert (FOLDER / name).is_file(), f"there is no static file {name}"
    return f"{PREFIX}/{edition()}/{name}"
