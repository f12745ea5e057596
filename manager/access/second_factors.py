"""Whose second factor is where, who must have one, and taking it off somebody who lost it.

Administrators of the Manager's own keep it in their account. People of directories have no account;
theirs is kept by what the directory knows them by, so that neither another name nor a role that was
lost and given again does away with it.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from manager.access.preferences import SecondFactorPreferences
from manager.access.principal import Principal
from manager.access.tables import AdministratorRow, SecondFactorRow, SessionRow
from manager.access.totp import Holder
from manager.audit.recording import record
from manager.database.paging import Page, page_by
from manager.identifiers import new_identifier
from manager.preferences.storing import preference
from manager.problems import no_such
from manager.services import Services

_OF_DIRECTORIES = "directory:"


class PersonsFactor(BaseModel):
    """The second factor of a person of a directory, as lists show it; never what it is."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    source: str
    since: datetime | None
    recovery_codes_left: int


class OwnFactor(BaseModel):
    """How it is with one's own second factor. ``possible`` says that one can be had at all."""

    model_config = ConfigDict(frozen=True)

    possible: bool
    on: bool
    required: bool
    recovery_codes_left: int


def is_of_directory(principal: Principal) -> bool:
    """Whether a directory, not the Manager, knows the password."""
    return principal.source.startswith(_OF_DIRECTORIES)


def holder_of(session: Session, principal: Principal, *, held: bool = False) -> Holder | None:
    """What keeps the principal's second factor, if it is there; ``held`` until the end."""
    if is_of_directory(principal):
        if not principal.person:
            return None
        statement = select(SecondFactorRow).where(
            SecondFactorRow.source == principal.source, SecondFactorRow.person == principal.person
        )
        return session.scalar(statement.with_for_update() if held else statement)
    if not principal.account:
        return None
    return session.get(AdministratorRow, principal.account, with_for_update=held or None)


def new_holder(session: Session, principal: Principal) -> SecondFactorRow:
    """A place for the second factor of a person of a directory, empty yet."""
    row = SecondFactorRow(
        id=new_identifier(),
        source=principal.source,
        person=principal.person,
        name=principal.name[:256],
        totp_last_step=0,
        recovery_codes=[],
    )
    session.add(row)
    session.flush()
    return row


def is_required(services: Services, principal: Principal) -> bool:
    """Whether the settings want the principal to have a second factor."""
    wanted = preference(services, SecondFactorPreferences)
    if is_of_directory(principal):
        return wanted.people_of_directories
    return wanted.administrators and principal.source == "local"


def must_add_factor(services: Services, session: Session, principal: Principal) -> bool:
    """Whether the principal has none and must have one."""
    if not is_required(services, principal):
        return False
    holder = holder_of(session, principal)
    return holder is None or holder.totp_secret is None


def own_factor(services: Services, principal: Principal) -> OwnFactor:
    """How it is with the principal's."""
    with services.database.reading() as session:
        holder = holder_of(session, principal)
        return OwnFactor(
            possible=is_of_directory(principal) or principal.source == "local",
            on=holder is not None and holder.totp_secret is not None,
            required=is_required(services, principal),
            recovery_codes_left=len(holder.recovery_codes) if holder is not None else 0,
        )


def find_factors(services: Services, *, size: int, after: str | None = None) -> Page[PersonsFactor]:
    """A page of the second factors of people of directories."""
    statement = select(SecondFactorRow).where(SecondFactorRow.totp_secret.is_not(None))
    with services.database.reading() as session:
        return page_by(session, statement, SecondFactorRow.id, _shown, size=size, after=after)


def remove_factor(services: Services, principal: Principal, identifier: str) -> None:
    """Take it off somebody who lost it, and sign them out; raises NotFound."""
    with services.database.writing() as session:
        row = session.get(SecondFactorRow, identifier)
        if row is None:
            raise no_such("second factor", identifier)
        session.execute(
            delete(SessionRow).where(
                SessionRow.source == row.source, SessionRow.person == row.person
            )
        )
        target = f"person:{row.name}"
        session.delete(row)
        record(
            session, principal, "person.remove-second-factor", target=target, clock=services.clock
        )


def forget_factors(session: Session, source: str) -> None:
    """Those of all people of a directory that is removed."""
    session.execute(delete(SecondFactorRow).where(SecondFactorRow.source == source))


def _shown(row: SecondFactorRow) -> PersonsFactor:
    return PersonsFactor(
        id=row.id,
        name=row.name,
        source=row.source,
        since=row.since,
        recovery_codes_left=len(row.recovery_codes),
    )
