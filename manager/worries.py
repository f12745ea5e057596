"""What an administrator should know about the Manager itself, before it becomes a fault.

An area adds its own in a module ``worries`` with ``WORRIES``: functions that yield sentences, each
with what to do. They are asked often, so they are quick.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from manager.finding import area_modules
from manager.services import Services

# Of the state's file system, below which writes may soon fail.
_LEAST_FREE_BYTES = 512 * 1024 * 1024


def worries(services: Services) -> Iterator[str]:
    """All of them, in plain sentences."""
    free = shutil.disk_usage(services.settings.state).free
    if free < _LEAST_FREE_BYTES:
        yield (
            f"Only {free // (1024 * 1024)} MiB are free for the Manager's state. "
            "Remove old backups or make its data disk larger."
        )
    for module in area_modules("worries"):
        for source in module.WORRIES:
            yield from source(services)
