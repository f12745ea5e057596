"""Files that are either wholly old or wholly new, whatever is unplugged in between."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

# A dot, the file's name, and what tempfile makes up.
_UNFINISHED = re.compile(r"\.(.+)\.[a-z0-9_]{8}", re.DOTALL)


def write_atomically(path: Path | str, content: str | bytes, mode: int = 0o644) -> None:
    """Replace ``path`` by ``content`` with permission bits ``mode``; both survive a power cut.

    The content goes to a temporary file beside it, is forced to disk and renamed over it, and
    the folder is forced to disk too. Raises OSError as the file system reports it.
    """
    path = Path(path)
    data = content.encode() if isinstance(content, str) else content
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def is_unfinished(name: str) -> bool:
    """Whether a file is called like what :func:`write_atomically` leaves when it is killed."""
    return _UNFINISHED.fullmatch(name) is not None


def remove_unfinished(path: Path | str) -> None:
    """Remove what :func:`write_atomically` left beside ``path`` when it was killed."""
    path = Path(path)
    if not path.parent.is_dir():
        return
    for entry in path.parent.iterdir():
        found = _UNFINISHED.fullmatch(entry.name)
        if found is not None and found[1] == path.name:
            entry.unlink(missing_ok=True)
