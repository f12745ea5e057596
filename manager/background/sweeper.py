"""The sweeper: nothing stays in a transient state for ever.

Each area's module ``sweeps`` lists functions as ``SWEEPS``; every one is called with the services
each :data:`EVERY` seconds, in a thread, and must be quick and idempotent.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from foundation.failure import Failure
from manager.finding import area_modules
from manager.services import Services

log = logging.getLogger("flexvdi.manager.sweeper")

EVERY = 10.0


async def run(services: Services) -> None:
    """Sweep until cancelled."""
    sweeps = [sweep for module in area_modules("sweeps") for sweep in module.SWEEPS]
    while True:
        for sweep in sweeps:
            await asyncio.to_thread(_sweep, sweep, services)
        await asyncio.sleep(EVERY)


def _sweep(sweep: Callable[[Services], None], services: Services) -> None:
    try:
        sweep(services)
    except Failure as failure:
        log.warning("%s: %s", sweep.__name__, failure)
    except Exception:
        log.exception("%s: a defect", sweep.__name__)
