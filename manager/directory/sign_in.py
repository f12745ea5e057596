"""Signing in by a directory: which one is asked, what becomes of the answer.

``name@directory`` asks that directory alone. Any other name is looked for in each, in their order;
the first that knows it decides. What people of a directory may do is their groups' role.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from foundation.secret import Secret
from manager.access.principal import Principal
from manager.access.role import Role
from manager.directory.filters import dns_domain
from manager.directory.ldap_directory import LdapDirectory
from manager.directory.live import LiveDirectories
from manager.directory.mapping import role_of
from manager.directory.outages import Outages
from manager.directory.port import DirectoryGroup, DirectoryUser
from manager.directory.presets import preset_of
from manager.directory.refusals import Reason, Refused, Unavailable
from manager.directory.settings import DirectorySettings
from manager.directory.storing import StoredDirectory, sign_out_people, source_of
from manager.directory.tables import DirectoryPersonRow
from manager.identifiers import new_identifier
from manager.services import Services


def sign_in(services: Services, name: str, password: Secret, address: str) -> Principal:
    """Who ``name`` is, once a directory has accepted the password.

    Raises Refused, whose ``reason`` is for the audit log and whose text is for the person, or
    Unavailable when no directory knows the name and one could not be asked.
    """
    unavailable: Unavailable | None = None
    refused = Refused(Reason.UNKNOWN_USER)
    outages = services.part(Outages)
    live = services.part(LiveDirectories)
    enabled = live.enabled()
    names = {stored.settings.name for stored in enabled}
    for stored in enabled:
        asked = name_in(name, stored.settings, names)
        if asked is None:
            continue
        try:
            adapter = live.adapter(stored)
            user = adapter.authenticate(asked, password)
            role, group = current_role(adapter, user)
        except Unavailable as failure:
            outages.begins(stored, failure)
            unavailable = failure
            continue
        except Refused as failure:
            outages.ends(stored)
            if failure.reason is Reason.UNKNOWN_USER:
                refused = failure
                continue
            raise
        outages.ends(stored)
        return _remember(services, stored, user, role, group, address)
    raise unavailable or refused


def name_in(name: str, settings: DirectorySettings, directories: Collection[str]) -> str | None:
    """What to look for in one of ``directories`` (their names) when ``name`` signs in.

    None where another one is meant. A backslash, which on Windows stands behind a domain, is a
    character like any other elsewhere.
    """
    windows = preset_of(settings).windows_names
    short, at, suffix = name.strip().rpartition("@")
    suffix = suffix.lower()
    if not at or suffix not in directories:
        return name
    if suffix != settings.name:
        return None
    # The domain itself: such a directory knows both its own forms of the name.
    return name if windows and suffix == dns_domain(settings.base) else short


def current_role(adapter: LdapDirectory, user: DirectoryUser) -> tuple[Role, DirectoryGroup]:
    """The role that a person has by a group; raises Refused when there is none."""
    given = role_of(adapter.groups_of(user), adapter.settings.roles)
    if given is None:
        raise Refused(Reason.NO_ROLE)
    return Role(given[0]), given[1]


def _remember(
    services: Services,
    stored: StoredDirectory,
    user: DirectoryUser,
    role: Role,
    group: DirectoryGroup,
    address: str,
) -> Principal:
    now = services.clock()
    with services.database.writing() as session:
        _forget_predecessors(session, stored.id, user)
        row = session.scalar(
            select(DirectoryPersonRow).where(
                DirectoryPersonRow.directory == stored.id, DirectoryPersonRow.entry == user.id
            )
        )
        if row is None:
            row = DirectoryPersonRow(id=new_identifier(), directory=stored.id, entry=user.id)
            session.add(row)
        row.name, row.full_name = user.name, user.full_name[:200]
        row.role, row.by_group = role.value, group.dn[:1024]
        row.last_sign_in = row.checked = now
    return Principal(user.name, role, source_of(stored.id), address, person=user.id)


def _forget_predecessors(session: Session, directory: str, user: DirectoryUser) -> None:
    """Another entry that had this name before is another person, who is signed in no longer."""
    others = delete(DirectoryPersonRow).where(
        DirectoryPersonRow.directory == directory,
        DirectoryPersonRow.name == user.name,
        DirectoryPersonRow.entry != user.id,
    )
    if session.execute(others).rowcount:  # type: ignore[attr-defined]
        sign_out_people(session, directory, user.name)
