"""Load from counters: what was used between two looks."""

from __future__ import annotations

from agent.protocol.statistics import Load
from host.api.operation import Counters


def load_between(before: Counters, now: Counters, processors: int) -> Load | None:
    """The load from ``before`` to ``now`` on ``processors``.

    None when no time has passed, or when the counters began anew in between (a guest that was
    started again).
    """
    seconds = now.at - before.at
    grown = {
        name: getattr(now, name) - getattr(before, name)
        for name in ("cpu", "received", "sent", "read", "written")
    }
    if seconds <= 0 or any(value < 0 for value in grown.values()):
        return None
    return Load(
        cpu=round(min(grown["cpu"] / seconds / max(processors, 1), 1.0), 4),
        memory=now.memory,
        received=int(grown["received"] / seconds),
        sent=int(grown["sent"] / seconds),
        read=int(grown["read"] / seconds),
        written=int(grown["written"] / seconds),
    )
