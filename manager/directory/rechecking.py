"""People of a directory who are signed in: are they still there, and may they still do as much?

Who leaves a group, is disabled or removed loses session and API tokens within :data:`RECHECK` and
one round.
While a directory cannot be asked its people keep what they have until their sessions end by
themselves: a directory that is down must not throw everybody out.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, union, update
from sqlalchemy.orm import Session

from manager.access.principal import SYSTEM
from manager.access.role import Role
from manager.access.tables import ApiTokenRow, SessionRow
from manager.audit.recording import record
from manager.directory.ldap_directory import LdapDirectory
from manager.directory.live import LiveDirectories
from manager.directory.outages import Outages
from manager.directory.port import DirectoryGroup, DirectoryUser
from manager.directory.refusals import Reason, Refused, Unavailable
from manager.directory.sign_in import current_role
from manager.directory.storing import StoredDirectory, sign_out_people, source_of
from manager.directory.tables import DirectoryPersonRow
from manager.events.event import Severity
from manager.services import Services

RECHECK = timedelta(minutes=4)


def recheck_people(services: Services) -> None:
    """One round over the people who are signed in, or have tokens, and were not checked lately.

    Directories that could not be asked before are tried again, so that the end of an outage is
    noticed though nobody signs in.
    """
    live, outages = services.part(LiveDirectories), services.part(Outages)
    for stored in live.enabled():
        try:
            adapter = live.adapter(stored)
            if stored.id in outages.known():
                adapter.probe()
                outages.ends(stored)
            for person in _people_to_check(services, stored):
                _recheck(services, stored, adapter, person)
        except Unavailable as failure:  # the others of this directory would fare no better
            outages.begins(stored, failure)


def _recheck(
    services: Services, stored: StoredDirectory, adapter: LdapDirectory, person: DirectoryPersonRow
) -> None:
    user = DirectoryUser(person.entry, person.name, dn="")
    adapter.forget(user)
    try:
        role, group = current_role(adapter, user)
    except Refused as refused:
        _end(services, stored, person, refused.reason)
        return
    _keep(services, stored, person, role, group)


def _people_to_check(services: Services, stored: StoredDirectory) -> list[DirectoryPersonRow]:
    source = source_of(stored.id)
    signed_in = union(
        select(SessionRow.name).where(SessionRow.source == source),
        select(ApiTokenRow.created_by).where(ApiTokenRow.source == source),
    )
    with services.database.reading() as session:
        return list(
            session.scalars(
                select(DirectoryPersonRow).where(
                    DirectoryPersonRow.directory == stored.id,
                    DirectoryPersonRow.name.in_(signed_in),
                    DirectoryPersonRow.checked <= services.clock() - RECHECK,
                )
            )
        )


def _keep(
    services: Services,
    stored: StoredDirectory,
    person: DirectoryPersonRow,
    role: Role,
    group: DirectoryGroup,
) -> None:
    with services.database.writing() as session:
        session.execute(
            update(DirectoryPersonRow)
            .where(DirectoryPersonRow.id == person.id)
            .values(role=role.value, by_group=group.dn[:1024], checked=services.clock())
        )
        if role.value == person.role:
            return
        session.execute(
            update(SessionRow)
            .where(SessionRow.source == source_of(stored.id), SessionRow.name == person.name)
            .values(role=role.value)
        )
        _lower_tokens(session, stored, person, role)
        text = (
            f"{person.name} of the directory {stored.settings.name} now has the role {role.value} "
            f"instead of {person.role}, by the group {group.name}."
        )
        _tell(services, session, stored, person, "directory.role", text)


def _lower_tokens(
    session: Session, stored: StoredDirectory, person: DirectoryPersonRow, role: Role
) -> None:
    """No token is more than its maker is today."""
    stronger = [other.value for other in Role if other.strength > role.strength]
    session.execute(
        update(ApiTokenRow)
        .where(
            ApiTokenRow.source == source_of(stored.id),
            ApiTokenRow.created_by == person.name,
            ApiTokenRow.role.in_(stronger),
        )
        .values(role=role.value)
    )


def _end(
    services: Services, stored: StoredDirectory, person: DirectoryPersonRow, reason: Reason
) -> None:
    with services.database.writing() as session:
        sign_out_people(session, stored.id, person.name)
        session.execute(delete(DirectoryPersonRow).where(DirectoryPersonRow.id == person.id))
        why = "gone or disabled" if reason is Reason.UNKNOWN_USER else reason.value
        text = (
            f"{person.name} of the directory {stored.settings.name} was signed out: {why} by now."
        )
        _tell(services, session, stored, person, "directory.sign-out", text)


def _tell(
    services: Services,
    session: Session,
    stored: StoredDirectory,
    person: DirectoryPersonRow,
    action: str,
    text: str,
) -> None:
    record(session, SYSTEM, action, target=person.name, text=text, clock=services.clock)
    services.events.publish(
        session, action, text, subject=source_of(stored.id), severity=Severity.WARNING
    )
