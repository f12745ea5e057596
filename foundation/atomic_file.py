"""Files that are either wholly old or wholly new, whatever is unplugged in between."""

from __future__ import annotations

import os
import tempfile
from glob import escape
from pathlib import Path

# Of the names that tempfile makes up.
_RANDOM_CHARACTERS = 8


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


def remove_unfinished(path: Path | str) -> None:
    """Remove what :func:`write_atomically` left beside ``path`` when it was killed."""
    path = Path(path)
    for temporary in path.parent.glob(f".{escape(path.name)}.{'?' * _RANDOM_CHARACTERS}"):
        temporary.unlink(missing_ok=True)
