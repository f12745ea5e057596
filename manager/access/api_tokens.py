"""API tokens: for programs, scoped to a role, with an end, shown once."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, select, update

from foundation.secret import Secret
from manager.access.principal import Principal
from manager.access.role import Role
from manager.access.tables import AdministratorRow, ApiTokenRow
from manager.access.tokens import new_token, token_hash
from manager.audit.recording import record
from manager.database.paging import Page, page_by
from manager.identifiers import new_identifier
from manager.problems import Forbidden, no_such
from manager.services import Services

PREFIX = "flexvdi_"
_USED_EVERY = timedelta(seconds=60)
LONGEST_DAYS = 730


class ApiToken(BaseModel):
    """A token as the API lists it; the secret itself is shown once, when it is created."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    role: Role
    created_by: str
    created: datetime
    expires: datetime
    last_used: datetime | None
    last_address: str


def create_token(
    services: Services, principal: Principal, name: str, role: Role, days: int
) -> tuple[ApiToken, Secret]:
    """A new token and its secret. Raises Forbidden for a role beyond the maker's own.

    A token of somebody from a directory makes no others: they would outlive the membership.
    """
    if not principal.account and principal.source.startswith("token:"):
        raise Forbidden("This token cannot make tokens.", "Sign in with name and password.")
    if not principal.may((role,)):
        raise Forbidden(
            f"The role {principal.role.value} cannot give out tokens with the role {role.value}.",
            "Ask for your own role, or let an administrator make it.",
            where="role",
        )
    secret, now = new_token(PREFIX), services.clock()
    row = ApiTokenRow(
        id=new_identifier(),
        token_hash=token_hash(secret),
        name=name,
        role=role.value,
        created_by=principal.name,
        source=_source_of(principal),
        administrator=principal.account or None,
        created=now,
        expires=now + timedelta(days=days),
        last_address="",
    )
    with services.database.writing() as session:
        session.add(row)
        record(
            session,
            principal,
            "token.create",
            target=f"token:{name}",
            data={"role": role.value, "expires": row.expires},
            clock=services.clock,
        )
    return shown(row), secret


def find_tokens(
    services: Services, principal: Principal, *, size: int, after: str | None = None
) -> Page[ApiToken]:
    """A page of tokens: an administrator sees all, others their own."""
    statement = select(ApiTokenRow)
    if principal.role is not Role.ADMIN:
        statement = statement.where(
            ApiTokenRow.created_by == principal.name, ApiTokenRow.source == _source_of(principal)
        )
    with services.database.reading() as session:
        return page_by(session, statement, ApiTokenRow.id, shown, size=size, after=after)


def revoke_token(services: Services, principal: Principal, identifier: str) -> None:
    """End a token at once; raises NotFound, also for what is not the principal's to end."""
    with services.database.writing() as session:
        row = session.get(ApiTokenRow, identifier)
        if row is None or not (principal.role is Role.ADMIN or _is_own(row, principal)):
            raise no_such("token", identifier)
        session.execute(delete(ApiTokenRow).where(ApiTokenRow.id == identifier))
        record(session, principal, "token.revoke", target=f"token:{row.name}", clock=services.clock)


def shown(row: ApiTokenRow) -> ApiToken:
    """``row`` as the API lists it."""
    return ApiToken(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        created_by=row.created_by,
        created=row.created,
        expires=row.expires,
        last_used=row.last_used,
        last_address=row.last_address,
    )


def find_token(services: Services, token: Secret, address: str) -> Principal | None:
    """Who a valid ``token`` acts as; None where it is unknown, expired or its maker disabled."""
    now = services.clock()
    with services.database.reading() as session:
        found = session.execute(
            select(ApiTokenRow, AdministratorRow)
            .outerjoin(AdministratorRow, ApiTokenRow.administrator == AdministratorRow.id)
            .where(ApiTokenRow.token_hash == token_hash(token))
        ).first()
    if found is None:
        return None
    row, administrator = found
    if now >= row.expires or (administrator is not None and administrator.disabled):
        return None
    if row.last_used is None or now - row.last_used > _USED_EVERY:
        with services.database.writing() as session:
            session.execute(
                update(ApiTokenRow)
                .where(ApiTokenRow.id == row.id)
                .values(last_used=now, last_address=address)
            )
    role = Role(row.role)
    if administrator is not None and Role(administrator.role).strength < role.strength:
        role = Role(administrator.role)  # a token is never more than its maker is today
    return Principal(row.created_by, role, f"token:{row.name}", address, row.administrator or "")


def _is_own(row: ApiTokenRow, principal: Principal) -> bool:
    """The same name may be a local administrator's and somebody's of a directory."""
    return row.created_by == principal.name and row.source == _source_of(principal)


def _source_of(principal: Principal) -> str:
    return "local" if principal.account else principal.source
