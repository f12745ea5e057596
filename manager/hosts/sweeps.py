"""Nothing of hosts stays in between for ever."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from manager.hosts.admission import note_lost
from manager.hosts.certificates import forget_expired
from manager.hosts.coming_address import settle
from manager.hosts.commands import give_up_abandoned
from manager.hosts.places import PlacesTold
from manager.hosts.preferences import HostPreferences
from manager.hosts.tables import HostCommandRow
from manager.hosts.tokens import forget_old_tokens
from manager.preferences.storing import preference
from manager.services import Services

_KEEP_COMMANDS = timedelta(days=30)


def find_lost_hosts(services: Services) -> None:
    """Silent ones become unavailable."""
    note_lost(services, timedelta(seconds=preference(services, HostPreferences).silence))


def tell_places(services: Services) -> None:
    """Hosts that are connected hear within seconds where else the Manager is reached."""
    services.part(PlacesTold).tell_changes()


def forget_old_commands(services: Services) -> None:
    """Their tasks and audit records tell of them."""
    before = services.clock() - _KEEP_COMMANDS
    with services.database.reading() as session:
        old = session.scalar(
            select(HostCommandRow.id).where(HostCommandRow.created < before).limit(1)
        )
    if old is not None:
        with services.database.writing() as session:
            session.execute(delete(HostCommandRow).where(HostCommandRow.created < before))


SWEEPS = (
    find_lost_hosts,
    settle,
    tell_places,
    give_up_abandoned,
    forget_old_commands,
    forget_old_tokens,
    forget_expired,
)
