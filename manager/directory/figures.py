"""Directories in figures."""

from __future__ import annotations

from collections.abc import Iterator

from manager.directory.live import LiveDirectories
from manager.directory.storing import all_directories
from manager.figures import Figure
from manager.services import Services


def servers(services: Services) -> Iterator[Figure]:
    """Whether each server answered when it was asked last."""
    live = services.part(LiveDirectories)
    for stored in all_directories(services):
        if stored.settings.enabled:
            for server, why in live.server_states(stored).items():
                yield Figure(
                    "directory_server_up",
                    "Whether a directory's server answered when it was asked last.",
                    0 if why else 1,
                    {"directory": stored.settings.name, "server": server},
                )


FIGURES = (servers,)
