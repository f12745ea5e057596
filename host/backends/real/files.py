"""The files of this machine (host.machine.files.Files)."""

from __future__ import annotations

from pathlib import Path

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.process_errors import explain
from host.document.system_files import FileContent


class RealFiles:
    """Files below ``root``."""

    def __init__(self, root: Path = Path("/")) -> None:
        """``root`` differs from ``/`` only where files alone are looked at."""
        self._root = root

    def read(self, path: str) -> FileContent | None:
        """What is at ``path``; bytes that are no text are kept by escapes."""
        target = self._root / path
        try:
            if target.is_symlink():
                return FileContent(link=str(target.readlink()))
            try:
                text = target.read_text(errors="surrogateescape")
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None
            return FileContent(text, target.stat().st_mode & 0o7777)
        except OSError as error:
            raise Failure(f"/{path} cannot be read: {error.strerror}.", "Do it as root.") from error

    def put(self, path: str, content: FileContent | None) -> None:
        """Replace, link or remove; atomically. Raises Failure with cause and remedy."""
        target = self._root / path
        try:
            if content is None:
                target.unlink(missing_ok=True)
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            if content.link is not None:
                beside = target.parent / f".{target.name}.new"
                beside.unlink(missing_ok=True)
                beside.symlink_to(content.link)
                beside.replace(target)
            else:
                data = content.text.encode(errors="surrogateescape")
                write_atomically(target, data, content.mode)
        except OSError as error:
            cause, remedy = explain("flexvdi-config", 1, error.strerror or str(error))
            raise Failure(f"/{path} could not be written. {cause}", remedy) from error

    def folder(self, path: str) -> tuple[str, ...]:
        """The names in ``path``."""
        try:
            return tuple(sorted(entry.name for entry in (self._root / path).iterdir()))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise Failure(f"/{path} cannot be read: {error.strerror}.", "Do it as root.") from error
