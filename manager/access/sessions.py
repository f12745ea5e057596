"""Sessions: who is signed in. The cookie's secret is kept as a hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from foundation.secret import Secret
from manager.access.preferences import SessionPreferences
from manager.access.principal import Principal
from manager.access.role import Role
from manager.access.second_factors import must_add_factor
from manager.access.tables import AdministratorRow, SessionRow
from manager.access.tokens import new_token, token_hash
from manager.audit.recording import record
from manager.database.paging import Page, page_by
from manager.identifiers import new_identifier
from manager.preferences.storing import preference
from manager.problems import no_such
from manager.services import Services

# The prefix makes browsers insist on HTTPS, this very host and the path / (RFC 6265bis).
COOKIE = "__Host-flexvdi-session"
# "Last seen" is written no oftener than this.
_SEEN_EVERY = timedelta(seconds=60)


@dataclass(frozen=True)
class Opened:
    """A new session: the cookie's value, the anti-forgery token, who it is."""

    cookie: Secret
    csrf: str
    principal: Principal
    must_change_password: bool = False
    must_add_factor: bool = False


@dataclass(frozen=True)
class Found:
    """A session that is valid; until what must be done is done, it opens the own account alone."""

    principal: Principal
    csrf: str
    must_change_password: bool = False
    must_add_factor: bool = False


class SessionShown(BaseModel):
    """A session as lists show it; ``current`` is the one that asks."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    source: str
    address: str
    user_agent: str
    created: datetime
    last_seen: datetime
    current: bool


def open_session(
    services: Services, session: Session, principal: Principal, user_agent: str
) -> Opened:
    """Begin a session of ``principal``; an administrator of ours is named by ``account``."""
    cookie, csrf, now = new_token(), new_token().reveal(), services.clock()
    row = SessionRow(
        id=new_identifier(),
        token_hash=token_hash(cookie),
        csrf=csrf,
        administrator=principal.account or None,
        name=principal.name,
        role=principal.role.value,
        source=principal.source,
        person=principal.person,
        address=principal.address,
        user_agent=user_agent[:300],
        created=now,
        last_seen=now,
    )
    session.add(row)
    session.flush()
    signed_in = Principal(
        principal.name,
        principal.role,
        principal.source,
        principal.address,
        principal.account,
        row.id,
        principal.person,
    )
    administrator = session.get(AdministratorRow, principal.account) if principal.account else None
    must_change = administrator is not None and administrator.must_change_password
    must_add = must_add_factor(services, session, signed_in)
    return Opened(cookie, csrf, signed_in, must_change, must_add)


def find_session(
    services: Services, cookie: Secret, address: str, *, seen: bool = True
) -> Found | None:
    """The valid session of ``cookie``; None where there is none.

    With ``seen`` it was used just now, from ``address``; without, it is only looked at.
    Role and state are the administrator's of this moment, not those at sign-in.
    """
    now, limits = services.clock(), preference(services, SessionPreferences)
    with services.database.reading() as session:
        found = session.execute(
            select(SessionRow, AdministratorRow)
            .outerjoin(AdministratorRow, SessionRow.administrator == AdministratorRow.id)
            .where(SessionRow.token_hash == token_hash(cookie))
        ).first()
        if found is None:
            return None
        row, administrator = found
        role = Role(administrator.role if administrator is not None else row.role)
        account = row.administrator or ""
        principal = Principal(row.name, role, row.source, address, account, row.id, row.person)
        must_add = must_add_factor(services, session, principal)
    if now - row.last_seen > limits.idle or now - row.created > limits.absolute:
        return None
    if administrator is not None and administrator.disabled:
        return None
    if seen and now - row.last_seen > _SEEN_EVERY:
        with services.database.writing() as session:
            session.execute(
                update(SessionRow)
                .where(SessionRow.id == row.id)
                .values(last_seen=now, address=address)
            )
    must_change = administrator is not None and administrator.must_change_password
    return Found(principal, row.csrf, must_change, must_add)


def find_sessions(
    services: Services, principal: Principal, *, size: int, after: str | None = None
) -> Page[SessionShown]:
    """A page of sessions: an administrator sees all, others their own."""
    statement = select(SessionRow)
    if principal.role is not Role.ADMIN:
        statement = statement.where(
            SessionRow.name == principal.name, SessionRow.source == principal.source
        )
    with services.database.reading() as session:
        return page_by(
            session,
            statement,
            SessionRow.id,
            lambda row: _shown(row, principal),
            size=size,
            after=after,
        )


def end_somebodys_session(services: Services, principal: Principal, identifier: str) -> None:
    """End a session; raises NotFound, also for what is not the principal's to end."""
    with services.database.writing() as session:
        row = session.get(SessionRow, identifier)
        own = row is not None and (row.name, row.source) == (principal.name, principal.source)
        if row is None or not (own or principal.role is Role.ADMIN):
            raise no_such("session", identifier)
        end_session(session, identifier)
        record(
            session, principal, "session.end", target=f"session:{row.name}", clock=services.clock
        )


def _shown(row: SessionRow, principal: Principal) -> SessionShown:
    return SessionShown(
        id=row.id,
        name=row.name,
        source=row.source,
        address=row.address,
        user_agent=row.user_agent,
        created=row.created,
        last_seen=row.last_seen,
        current=row.id == principal.session,
    )


def end_session(session: Session, identifier: str) -> bool:
    """End one session; False where there is none."""
    ended = session.execute(delete(SessionRow).where(SessionRow.id == identifier))
    return bool(ended.rowcount)  # type: ignore[attr-defined]


def end_sessions_of(session: Session, administrator: str, *, but: str = "") -> None:
    """End all sessions of an administrator, except the one called ``but``."""
    session.execute(
        delete(SessionRow).where(SessionRow.administrator == administrator, SessionRow.id != but)
    )


def end_sessions_of_person(session: Session, principal: Principal) -> None:
    """End all sessions of somebody of a directory, except the one that asks."""
    session.execute(
        delete(SessionRow).where(
            SessionRow.source == principal.source,
            SessionRow.person == principal.person,
            SessionRow.id != principal.session,
        )
    )
