"""One-time join tokens: made, shown once, used once."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.joining import JoinString, ManagerAddress, check_token
from foundation.secret import Secret
from manager.access.principal import Principal
from manager.audit.recording import record
from manager.database.paging import Page, page_by
from manager.hosts.tables import JoinTokenRow
from manager.identifiers import new_identifier
from manager.problems import Conflict, NotSignedIn, no_such
from manager.services import Services

DEFAULT_LIFETIME = timedelta(hours=1)
LONGEST_LIFETIME = timedelta(days=30)
_BYTES = 15  # 120 bits, 24 characters in base 32
_REMEDY = "Make a new join string on the Manager: Hosts, Add a host."


class JoinToken(BaseModel):
    """A join token as the list shows it, without what it is; times in UTC."""

    model_config = ConfigDict(frozen=True)

    id: str
    note: str
    created: datetime
    created_by: str
    expires: datetime
    used: datetime | None
    used_by: str
    revoked: datetime | None


class NewJoinToken(JoinToken):
    """The answer to making one: the only time that ``join_string`` is shown."""

    join_string: str


def create_token(
    services: Services,
    principal: Principal,
    address: str,
    port: int,
    *,
    note: str = "",
    lifetime: timedelta = DEFAULT_LIFETIME,
) -> NewJoinToken:
    """Make a token for a host that reaches the Manager at ``address``."""
    token = Secret(base64.b32encode(secrets.token_bytes(_BYTES)).decode())
    with services.database.writing() as session:
        row = _keep(services, session, principal, token, note, lifetime)
    line = JoinString(ManagerAddress(address, port, services.authority.fingerprint), token).line()
    return NewJoinToken(**_shown(row).model_dump(), join_string=line.reveal())


def keep_given_token(
    services: Services,
    principal: Principal,
    token: Secret,
    *,
    note: str = "",
    lifetime: timedelta = timedelta(days=1),
) -> None:
    """Keep a token that somebody else made up, as an appliance's seed; doing so twice is once.

    Raises Failure when it is none.
    """
    token = check_token(token)
    with services.database.writing() as session:
        known = select(JoinTokenRow.id).where(JoinTokenRow.token_hash == _hash(token))
        if session.scalar(known) is None:
            _keep(services, session, principal, token, note, lifetime)


def _keep(
    services: Services,
    session: Session,
    principal: Principal,
    token: Secret,
    note: str,
    lifetime: timedelta,
) -> JoinTokenRow:
    now = services.clock()
    row = JoinTokenRow(
        id=new_identifier(),
        token_hash=_hash(token),
        note=note[:200],
        created=now,
        created_by=principal.name,
        expires=now + min(lifetime, LONGEST_LIFETIME),
        used_by="",
        used_key="",
    )
    session.add(row)
    record(
        session,
        principal,
        "join-token.create",
        target=f"join-token:{row.id}",
        data={"note": note, "expires": row.expires},
        clock=services.clock,
    )
    return row


def find_tokens(services: Services, *, size: int, after: str | None = None) -> Page[JoinToken]:
    """A page of tokens, newest first; used and expired ones too."""
    with services.database.reading() as session:
        return page_by(
            session,
            select(JoinTokenRow),
            JoinTokenRow.id,
            _shown,
            size=size,
            after=after,
            newest_first=True,
        )


def revoke_token(services: Services, token: str, principal: Principal) -> None:
    """Make a token useless; raises NotFound, or Conflict when it was used."""
    with services.database.writing() as session:
        row = session.get(JoinTokenRow, token)
        if row is None:
            raise no_such("join token", token)
        if row.used is not None:
            raise Conflict("This token was used already.", "Remove the host that joined with it.")
        row.revoked = row.revoked or services.clock()
        record(
            session,
            principal,
            "join-token.revoke",
            target=f"join-token:{token}",
            clock=services.clock,
        )


def use_token(
    services: Services, session: Session, token: Secret, host: str, key: str
) -> JoinTokenRow:
    """Use ``token`` for ``host`` with the public key hashed in ``key``; raises NotSignedIn.

    The same host may ask again with the same key: its first answer may have been lost.
    """
    row = session.scalar(select(JoinTokenRow).where(JoinTokenRow.token_hash == _hash(token)))
    now = services.clock()
    if row is None:
        raise NotSignedIn("The Manager knows no such join token.", _REMEDY)
    if row.revoked is not None:
        raise NotSignedIn("This join token was revoked.", _REMEDY)
    if row.used is not None and (row.used_by, row.used_key) != (host, key):
        raise NotSignedIn("This join token was used already: each lets one host in, once.", _REMEDY)
    if now >= row.expires:
        raise NotSignedIn(f"This join token expired at {row.expires:%Y-%m-%d %H:%M} UTC.", _REMEDY)
    row.used, row.used_by, row.used_key = now, host, key
    return row


def forget_old_tokens(services: Services) -> None:
    """Remove what expired long ago; audit records tell of it."""
    before = services.clock() - timedelta(days=90)
    with services.database.reading() as session:
        old = session.scalar(select(JoinTokenRow.id).where(JoinTokenRow.expires < before).limit(1))
    if old is not None:
        with services.database.writing() as session:
            for row in session.scalars(select(JoinTokenRow).where(JoinTokenRow.expires < before)):
                session.delete(row)


def _hash(token: Secret) -> str:
    """120 random bits need no slow hash."""
    return hashlib.sha256(token.reveal().encode()).hexdigest()


def _shown(row: JoinTokenRow) -> JoinToken:
    return JoinToken(
        id=row.id,
        note=row.note,
        created=row.created,
        created_by=row.created_by,
        expires=row.expires,
        used=row.used,
        used_by=row.used_by,
        revoked=row.revoked,
    )
