"""Administrators of the Manager's own: created, changed, disabled, removed."""

from __future__ import annotations

import re
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.secret import Secret
from manager.access.passwords import check_new_password, hash_password
from manager.access.preferences import PasswordPreferences
from manager.access.principal import Principal
from manager.access.role import Role
from manager.access.sessions import end_sessions_of
from manager.access.tables import AdministratorRow
from manager.audit.recording import record
from manager.database.paging import Page, page_by
from manager.identifiers import new_identifier
from manager.preferences.storing import preference
from manager.problems import Conflict, Invalid, no_such
from manager.services import Services

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}[a-z0-9]")


class Administrator(BaseModel):
    """An administrator as the API shows one; never anything of password or second factor."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    full_name: str
    role: Role
    disabled: bool
    must_change_password: bool
    second_factor: bool
    recovery_codes_left: int
    created: datetime
    last_sign_in: datetime | None
    password_changed: datetime


def is_set_up(services: Services) -> bool:
    """Whether the first administrator exists."""
    with services.database.reading() as session:
        return session.scalar(select(AdministratorRow.id).limit(1)) is not None


def shown(row: AdministratorRow) -> Administrator:
    """``row`` as the API shows it."""
    return Administrator(
        id=row.id,
        name=row.name,
        full_name=row.full_name,
        role=Role(row.role),
        disabled=row.disabled,
        must_change_password=row.must_change_password,
        second_factor=row.totp_secret is not None,
        recovery_codes_left=len(row.recovery_codes),
        created=row.created,
        last_sign_in=row.last_sign_in,
        password_changed=row.password_changed,
    )


def find_administrators(
    services: Services, *, size: int, after: str | None = None
) -> Page[Administrator]:
    """A page of administrators, by name."""
    with services.database.reading() as session:
        statement = select(AdministratorRow)
        return page_by(session, statement, AdministratorRow.name, shown, size=size, after=after)


def get_administrator(services: Services, identifier: str) -> Administrator:
    """One administrator; raises NotFound."""
    with services.database.reading() as session:
        return shown(the_row(session, identifier))


def the_row(session: Session, identifier: str) -> AdministratorRow:
    """The row called ``identifier``, held until the transaction ends; raises NotFound."""
    row = session.get(AdministratorRow, identifier, with_for_update=True)
    if row is None:
        raise no_such("administrator", identifier)
    return row


def check_name(name: str) -> str:
    """``name`` in lower case; raises Invalid unless it can be one."""
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise Invalid(
            "This cannot be an administrator's name.",
            "Use 2 to 64 letters, digits, dots, hyphens and underscores, as in maria.garcia.",
            where="name",
        )
    return name


def add_administrator(
    services: Services,
    session: Session,
    name: str,
    full_name: str,
    role: Role,
    password_hash: str,
    principal: Principal,
    *,
    must_change: bool,
) -> AdministratorRow:
    """Write a new administrator; raises Conflict where the name is taken."""
    if session.scalar(select(AdministratorRow.id).where(AdministratorRow.name == name)):
        raise Conflict(f"There is an administrator {name} already.", "Choose another name.")
    now = services.clock()
    row = AdministratorRow(
        id=new_identifier(),
        name=name,
        full_name=full_name.strip(),
        role=role.value,
        password_hash=password_hash,
        password_changed=now,
        must_change_password=must_change,
        disabled=False,
        totp_last_step=0,
        recovery_codes=[],
        created=now,
    )
    session.add(row)
    session.flush()
    record(
        session,
        principal,
        "administrator.create",
        target=f"administrator:{name}",
        data={"role": role.value},
        clock=services.clock,
    )
    services.events.publish(
        session,
        "administrator.created",
        f"The administrator {name} ({role.value}) was created by {principal.name}.",
        subject=f"administrator:{row.id}",
    )
    return row


def create_administrator(
    services: Services,
    principal: Principal,
    name: str,
    full_name: str,
    role: Role,
    password: Secret,
    *,
    must_change: bool = True,
) -> Administrator:
    """Create an administrator; raises Invalid for name or password, Conflict for a taken name."""
    name = check_name(name)
    hashed = new_hash(services, name, password)
    with services.database.writing() as session:
        return shown(
            add_administrator(
                services, session, name, full_name, role, hashed, principal, must_change=must_change
            )
        )


def new_hash(services: Services, name: str, password: Secret) -> str:
    """The hash of a password that is good enough; raises Invalid."""
    check_new_password(password, name, preference(services, PasswordPreferences).least_length)
    return hash_password(password)


def change_administrator(
    services: Services,
    principal: Principal,
    identifier: str,
    *,
    full_name: str | None = None,
    role: Role | None = None,
    disabled: bool | None = None,
) -> Administrator:
    """Change what is not None. Raises NotFound, or Conflict for the last who may do everything."""
    with services.database.writing() as session:
        row = the_row(session, identifier)
        if full_name is not None:
            row.full_name = full_name.strip()
        if role is not None:
            row.role = role.value
        if disabled is not None:
            row.disabled = disabled
        session.flush()
        _check_somebody_is_left(session)
        if row.disabled:
            end_sessions_of(session, row.id)
        record(
            session,
            principal,
            "administrator.change",
            target=f"administrator:{row.name}",
            data={"role": row.role, "disabled": row.disabled, "full_name": row.full_name},
            clock=services.clock,
        )
        return shown(row)


def remove_administrator(services: Services, principal: Principal, identifier: str) -> None:
    """Remove an administrator with sessions and tokens; raises as :func:`change_administrator`."""
    with services.database.writing() as session:
        row = the_row(session, identifier)
        name = row.name
        session.delete(row)
        session.flush()
        _check_somebody_is_left(session)
        record(
            session,
            principal,
            "administrator.remove",
            target=f"administrator:{name}",
            clock=services.clock,
        )
        services.events.publish(
            session,
            "administrator.removed",
            f"The administrator {name} was removed by {principal.name}.",
            subject=f"administrator:{identifier}",
        )


def reset_password(
    services: Services, principal: Principal, identifier: str, password: Secret
) -> None:
    """Give somebody else a password that they must change; their sessions end."""
    name = get_administrator(services, identifier).name
    hashed = new_hash(services, name, password)
    with services.database.writing() as session:
        row = the_row(session, identifier)
        row.password_hash, row.password_changed = hashed, services.clock()
        row.must_change_password = True
        end_sessions_of(session, row.id)
        record(
            session,
            principal,
            "administrator.reset-password",
            target=f"administrator:{name}",
            clock=services.clock,
        )


def remove_second_factor(services: Services, principal: Principal, identifier: str) -> None:
    """Take the second factor off somebody who lost it."""
    with services.database.writing() as session:
        row = the_row(session, identifier)
        row.totp_secret = row.totp_pending = None
        row.recovery_codes = []
        record(
            session,
            principal,
            "administrator.remove-second-factor",
            target=f"administrator:{row.name}",
            clock=services.clock,
        )


def _check_somebody_is_left(session: Session) -> None:
    """Raise Conflict, and so undo it all, unless an administrator can still sign in.

    All of them are locked first, so that two changes at once cannot each leave the other's.
    """
    session.scalars(select(AdministratorRow.id).with_for_update()).all()
    left = session.scalar(
        select(func.count())
        .select_from(AdministratorRow)
        .where(AdministratorRow.role == Role.ADMIN.value, AdministratorRow.disabled.is_(False))
    )
    if not left:
        raise Conflict(
            "Nobody would be left who may administrate the Manager.",
            "Give the role admin to somebody else first.",
        )
