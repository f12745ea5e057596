"""Files of a machine, named relative to its root."""

from __future__ import annotations

from typing import Protocol

from host.document.system_files import FileContent


class Files(Protocol):
    """Reading and replacing whole small files."""

    def read(self, path: str) -> FileContent | None:
        """What is at ``path`` now; None when there is nothing."""

    def put(self, path: str, content: FileContent | None) -> None:
        """Replace the file atomically; None removes it, and absent folders are made."""

    def folder(self, path: str) -> tuple[str, ...]:
        """The names in a folder, sorted; none if it does not exist."""
