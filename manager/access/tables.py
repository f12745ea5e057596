"""Tables of administrators, their sessions and API tokens, and of failed attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from manager.database.base import Base


class AdministratorRow(Base):
    """An administrator of the Manager's own, with a password kept as an argon2 hash."""

    __tablename__ = "administrators"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    # Lower case: signing in does not depend on capitals.
    name: Mapped[str] = mapped_column(String(64), unique=True)
    full_name: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(300))
    password_changed: Mapped[datetime]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)
    # Encrypted by the Manager's secret key; None: no second factor, or not confirmed yet.
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary())
    totp_pending: Mapped[bytes | None] = mapped_column(LargeBinary())
    # The 30 s step of the last code that was accepted: none is accepted twice.
    totp_last_step: Mapped[int] = mapped_column(default=0)
    # SHA-256 of the recovery codes that are left.
    recovery_codes: Mapped[list[str]] = mapped_column(default=list)
    created: Mapped[datetime]
    last_sign_in: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer(), default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's form


class SessionRow(Base):
    """Somebody who is signed in with a browser or a command line."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    # SHA-256 of the cookie: who reads the database cannot become anybody.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    csrf: Mapped[str] = mapped_column(String(64))
    # Empty for people of a directory, who have no row here.
    administrator: Mapped[str | None] = mapped_column(
        ForeignKey("administrators.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(120))
    # By what the source knows them whatever they are called: objectGUID, entryUUID …
    person: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(64))
    user_agent: Mapped[str] = mapped_column(String(300))
    created: Mapped[datetime]
    last_seen: Mapped[datetime] = mapped_column(index=True)


class SecondFactorRow(Base):
    """The second factor of somebody who has no account here: a person of a directory."""

    __tablename__ = "second_factors"
    __table_args__ = (UniqueConstraint("source", "person"),)

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    source: Mapped[str] = mapped_column(String(120))
    person: Mapped[str] = mapped_column(String(200))
    # As they were called when they set it up; for lists.
    name: Mapped[str] = mapped_column(String(256))
    # As in AdministratorRow.
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary())
    totp_pending: Mapped[bytes | None] = mapped_column(LargeBinary())
    totp_last_step: Mapped[int] = mapped_column(default=0)
    recovery_codes: Mapped[list[str]] = mapped_column(default=list)
    since: Mapped[datetime | None]


class ApiTokenRow(Base):
    """A token for programs: a role, an end, and a hash of the secret."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20))
    created_by: Mapped[str] = mapped_column(String(200))
    # How the maker was known: ``local``, or ``directory:ID`` for people who have no row here.
    source: Mapped[str] = mapped_column(String(120), default="local")
    # The token ends with the administrator who made it.
    administrator: Mapped[str | None] = mapped_column(
        ForeignKey("administrators.id", ondelete="CASCADE"), index=True
    )
    created: Mapped[datetime]
    expires: Mapped[datetime]
    last_used: Mapped[datetime | None]
    last_address: Mapped[str] = mapped_column(String(64), default="")


class AttemptRow(Base):
    """Failed attempts to sign in, counted for a name or an address (``key`` says which)."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(String(260), primary_key=True)
    failures: Mapped[int]
    last: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
