"""The directories that the Manager knows: kept, changed, put in order, removed.

The password of a directory's account goes in and never comes out again. Whoever could point a
stored one at another server, or let another CA vouch for it, would be told it; so changing where it
is sent takes the password anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation.secret import Secret
from manager.access.principal import Principal
from manager.access.second_factors import forget_factors
from manager.access.tables import ApiTokenRow, SessionRow
from manager.audit.recording import record
from manager.directory.settings import DirectorySettings
from manager.directory.tables import DirectoryRow
from manager.identifiers import new_identifier
from manager.problems import Conflict, Invalid, no_such
from manager.services import Services

MOST_DIRECTORIES = 32
# What decides who gets to see the password.
_SENT_BY = ("servers", "security", "ca", "bind_user")


class StoredDirectory(BaseModel):
    """A directory as the Manager keeps it; ``version`` is to be sent with a change."""

    id: str
    position: int
    settings: DirectorySettings
    changed: datetime
    changed_by: str
    version: int


def all_directories(services: Services) -> list[StoredDirectory]:
    """In the order in which they are asked."""
    with services.database.reading() as session:
        rows = session.scalars(
            select(DirectoryRow).order_by(DirectoryRow.position, DirectoryRow.id)
        )
        return [_shown(row) for row in rows]


def directory_with_id(services: Services, identifier: str) -> StoredDirectory:
    """One directory; raises NotFound."""
    with services.database.reading() as session:
        return _shown(_row(session, identifier))


def stored_password(services: Services, identifier: str) -> Secret:
    """The password of a directory's account, for the adapter only; raises NotFound."""
    with services.database.reading() as session:
        sealed = _row(session, identifier).bind_password
    return services.secret_box.open(sealed, _purpose(identifier))


def password_for(
    services: Services, settings: DirectorySettings, given: Secret | None, identifier: str | None
) -> Secret:
    """The password for ``settings``: the one ``given``, or the stored one of ``identifier``.

    Raises Invalid when there is neither, or the stored one would be sent to somebody else.
    """
    if given:
        return given
    if identifier is None:
        raise Invalid(
            "The password of the Manager's account is missing.",
            "Enter it.",
            where="bind_password",
        )
    before = directory_with_id(services, identifier).settings
    moved = [name for name in _SENT_BY if getattr(before, name) != getattr(settings, name)]
    if moved:
        raise Invalid(
            "The password of the Manager's account must be entered again, because what it is "
            f"sent to was changed ({', '.join(moved)}).",
            "Enter it.",
            where="bind_password",
        )
    return stored_password(services, identifier)


def add_directory(
    services: Services, settings: DirectorySettings, password: Secret, principal: Principal
) -> StoredDirectory:
    """Keep a new directory, asked after all others; raises Conflict when its name is taken."""
    identifier = new_identifier()
    with services.database.writing() as session:
        count, last = session.execute(
            select(func.count(DirectoryRow.id), func.max(DirectoryRow.position))
        ).one()
        if count >= MOST_DIRECTORIES:
            raise Conflict(
                f"There are {MOST_DIRECTORIES} directories already.", "Remove one that is not used."
            )
        row = DirectoryRow(
            id=identifier,
            name=settings.name,
            position=(last or 0) + 1,
            settings=settings.model_dump(mode="json"),
            bind_password=services.secret_box.seal(password, _purpose(identifier)),
            changed=services.clock(),
            changed_by=principal.name,
        )
        session.add(row)
        _flush(session, settings.name)
        _tell(services, session, principal, "directory.create", row, f"was added as {row.name}")
        return _shown(row)


def change_directory(
    services: Services,
    identifier: str,
    settings: DirectorySettings,
    given: Secret | None,
    version: int,
    principal: Principal,
) -> StoredDirectory:
    """Keep other settings; raises NotFound, Conflict when changed meanwhile, Invalid."""
    password = password_for(services, settings, given, identifier)
    with services.database.writing() as session:
        row = _row(session, identifier)
        if row.version != version:
            raise Conflict(
                "This directory was changed by somebody else in the meantime.",
                "Load it again and repeat.",
            )
        before = row.settings
        row.name, row.settings = settings.name, settings.model_dump(mode="json")
        row.changed, row.changed_by = services.clock(), principal.name
        if given:
            row.bind_password = services.secret_box.seal(password, _purpose(identifier))
        _flush(session, settings.name)
        changed = sorted(name for name in row.settings if row.settings[name] != before.get(name))
        if given:
            changed.append("password of the account")
        if not settings.enabled:
            sign_out_people(session, identifier)
        text = f"was changed: {', '.join(changed) or 'nothing'}"
        _tell(services, session, principal, "directory.change", row, text)
        return _shown(row)


def remove_directory(services: Services, identifier: str, principal: Principal) -> None:
    """Forget a directory and sign its people out; raises NotFound."""
    with services.database.writing() as session:
        row = _row(session, identifier)
        sign_out_people(session, identifier)
        forget_factors(session, source_of(identifier))
        _tell(services, session, principal, "directory.remove", row, "was removed")
        session.delete(row)


def order_directories(
    services: Services, order: Sequence[str], principal: Principal
) -> list[StoredDirectory]:
    """Ask them in this order from now on; raises Invalid unless ``order`` names each once."""
    with services.database.writing() as session:
        rows = {row.id: row for row in session.scalars(select(DirectoryRow))}
        if sorted(order) != sorted(rows):
            raise Invalid(
                "The order must name every directory once.", "Load the list again.", where="order"
            )
        for position, identifier in enumerate(order, 1):
            rows[identifier].position = position
        names = ", ".join(rows[identifier].name for identifier in order)
        record(
            session,
            principal,
            "directory.order",
            text=f"The directories are asked in this order: {names}.",
            clock=services.clock,
        )
    return all_directories(services)


def source_of(identifier: str) -> str:
    """How a principal of that directory is known."""
    return f"directory:{identifier}"


def sign_out_people(session: Session, identifier: str, name: str | None = None) -> None:
    """End sessions and API tokens of a directory's people, or of the one called ``name``."""
    sessions = delete(SessionRow).where(SessionRow.source == source_of(identifier))
    tokens = delete(ApiTokenRow).where(ApiTokenRow.source == source_of(identifier))
    if name is not None:
        sessions = sessions.where(SessionRow.name == name)
        tokens = tokens.where(ApiTokenRow.created_by == name)
    session.execute(sessions)
    session.execute(tokens)


def _row(session: Session, identifier: str) -> DirectoryRow:
    row = session.get(DirectoryRow, identifier)
    if row is None:
        raise no_such("directory", identifier)
    return row


def _shown(row: DirectoryRow) -> StoredDirectory:
    return StoredDirectory(
        id=row.id,
        position=row.position,
        settings=DirectorySettings.model_validate(row.settings),
        changed=row.changed,
        changed_by=row.changed_by,
        version=row.version,
    )


def _purpose(identifier: str) -> str:
    return f"directory:{identifier}:bind"


def _flush(session: Session, name: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(
            f"There is a directory called {name} already.", "Choose another name.", where="name"
        ) from error


def _tell(
    services: Services,
    session: Session,
    principal: Principal,
    action: str,
    row: DirectoryRow,
    text: str,
) -> None:
    subject = source_of(row.id)
    sentence = f"The directory {row.name} {text}."
    record(
        session,
        principal,
        action,
        target=subject,
        text=sentence,
        data={"settings": row.settings},
        clock=services.clock,
    )
    services.events.publish(
        session, action, f"{sentence[:-1]} (by {principal.name}).", subject=subject
    )
