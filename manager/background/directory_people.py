"""Looks after people of directories who are signed in: :mod:`manager.directory.rechecking`."""

from __future__ import annotations

import asyncio

from manager.directory.rechecking import recheck_people
from manager.services import Services

EVERY = 30.0


async def run(services: Services) -> None:
    """Check until cancelled; in a thread, for directories may be slow."""
    while True:
        await asyncio.to_thread(recheck_people, services)
        await asyncio.sleep(EVERY)
