"""Files in memory (host.machine.files.Files)."""

from __future__ import annotations

from host.backends.simulated.simulation import Simulation
from host.document.system_files import FileContent


class SimulatedFiles:
    """``content`` is everything there is."""

    def __init__(self, simulation: Simulation) -> None:
        """An empty disk."""
        self._simulation = simulation
        self.content: dict[str, FileContent] = {}

    def read(self, path: str) -> FileContent | None:
        """What is at ``path``."""
        return self.content.get(path)

    def put(self, path: str, content: FileContent | None) -> None:
        """Replace or remove; a fault may be named after the path."""
        self._simulation.changes("files.put", path)
        if content is None:
            self.content.pop(path, None)
        else:
            self.content[path] = content

    def folder(self, path: str) -> tuple[str, ...]:
        """The names in a folder."""
        prefix = f"{path}/"
        below = (name.removeprefix(prefix) for name in self.content if name.startswith(prefix))
        return tuple(sorted({name.partition("/")[0] for name in below}))
