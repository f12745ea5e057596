"""An address that the Manager is about to get: its hosts hear of it before it moves there.

Whoever changes the address of the Manager's machine says so first (``flexvdi-manager
expect-address``), in a file of the state folder, for the Manager runs meanwhile and is another
process. From then on hosts are told that address behind those of today. Once the Manager is there,
the setting that named the old one names the new one instead; the rest is forgotten when every host
knows it. An address that the Manager does not come to is forgotten after a while.
"""

from __future__ import annotations

import time
from pathlib import Path

from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from foundation.atomic_file import write_atomically
from manager.access.principal import SYSTEM
from manager.hosts.preferences import HostPreferences, ManagerName
from manager.hosts.states import CONNECTED
from manager.hosts.tables import HostRow
from manager.own_names import addresses_of_this_machine
from manager.preferences.storing import change_preference, preference
from manager.services import Services
from manager.settings import Settings

_FILE = "coming-address.json"
_STAYS = 3600.0  # seconds that moving there may take


class ComingAddress(BaseModel):
    """``address`` in the place of ``instead_of``; ``since`` in seconds since 1970."""

    address: ManagerName
    instead_of: ManagerName
    since: float
    arrived: bool = False


def expect(settings: Settings, address: str, instead_of: str) -> ComingAddress:
    """Have hosts told of ``address`` from now on; raises ValidationError where it is none."""
    coming = ComingAddress(address=address, instead_of=instead_of, since=time.time())
    _keep(settings, coming)
    return coming


def expected(settings: Settings) -> ComingAddress | None:
    """What was said and still counts."""
    try:
        coming = ComingAddress.model_validate_json(_file(settings).read_bytes())
    except (OSError, ValidationError):
        return None
    return coming if coming.arrived or time.time() < coming.since + _STAYS else None


def settle(services: Services) -> None:
    """Take note that the Manager is there, or that it was long enough in coming."""
    coming = expected(services.settings)
    if coming is None:
        _file(services.settings).unlink(missing_ok=True)
        return
    if not coming.arrived and coming.address in addresses_of_this_machine():
        _rename(services, coming)
        coming = coming.model_copy(update={"arrived": True})
        _keep(services.settings, coming)
    if coming.arrived and not hosts_without(services, {coming.address}):
        _file(services.settings).unlink(missing_ok=True)


def hosts_without(
    services: Services, addresses: set[str], *, connected: bool = False
) -> tuple[str, ...]:
    """The hosts, by name, that do not know all ``addresses``; with ``connected`` only those."""
    wanted = select(HostRow.name, HostRow.facts).order_by(HostRow.name)
    if connected:
        wanted = wanted.where(HostRow.state.in_([state.value for state in CONNECTED]))
    with services.database.reading() as session:
        rows = session.execute(wanted).all()
    return tuple(
        name
        for name, facts in rows
        if not addresses <= set((facts or {}).get("manager_places", ()))
    )


def _rename(services: Services, coming: ComingAddress) -> None:
    """A setting that names the old address would send hosts to where nobody is."""
    now = preference(services, HostPreferences)
    if coming.instead_of in now.addresses:
        places = [coming.address if at == coming.instead_of else at for at in now.addresses]
        wanted = tuple(dict.fromkeys(places))
        change_preference(services, now.model_copy(update={"addresses": wanted}), SYSTEM)


def _keep(settings: Settings, coming: ComingAddress) -> None:
    write_atomically(_file(settings), coming.model_dump_json(), 0o600)


def _file(settings: Settings) -> Path:
    return settings.state / _FILE
