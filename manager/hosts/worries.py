"""Hosts that would not find the Manager at an address that the settings announce."""

from __future__ import annotations

from collections.abc import Iterator

from manager.hosts.coming_address import expected, hosts_without
from manager.hosts.preferences import HostPreferences
from manager.preferences.storing import preference
from manager.services import Services

_MOST_NAMED = 5


def untold(services: Services) -> Iterator[str]:
    """Those that were away since, or whose Agents are too old to be told."""
    announced = list(preference(services, HostPreferences).addresses)
    coming = expected(services.settings)
    if coming is not None and coming.address not in announced:
        announced.append(coming.address)
    if not announced:
        return
    names = hosts_without(services, set(announced))
    if not names:
        return
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    yield (
        f"Not told yet where the Manager is reached ({', '.join(announced)}): "
        f"{', '.join(names[:_MOST_NAMED])}{more}. Hosts hear of it when they connect; should the "
        "Manager have moved before that, give `flexvdi-config manager set-address` there."
    )


WORRIES = (untold,)
