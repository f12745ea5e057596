"""Directories whose people cannot sign in."""

from __future__ import annotations

from collections.abc import Iterator

from manager.directory.outages import Outages
from manager.directory.storing import all_directories
from manager.services import Services


def unavailable(services: Services) -> Iterator[str]:
    """Those that could not be asked the last time; why is for the events, which not all may see."""
    away = services.part(Outages).known()
    for stored in all_directories(services):
        if stored.id in away and stored.settings.enabled:
            yield (
                f"The directory {stored.settings.name} cannot be asked, so that its people cannot "
                "sign in. Test it in the settings."
            )


WORRIES = (unavailable,)
