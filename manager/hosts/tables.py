"""The tables of hosts, their certificates, join tokens and commands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from manager.database.base import Base, JsonColumn


class HostRow(Base):
    """One host. ``id`` is its own identity, ``facts`` an agent.protocol.inventory.HostFacts.

    ``epoch`` grows with each connection of its Agent. ``state`` is one of
    manager.hosts.states.HostState; ``state_since`` is when it became so.
    """

    __tablename__ = "hosts"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(253), unique=True)
    description: Mapped[str] = mapped_column(Text(), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(20), index=True)
    reason: Mapped[str] = mapped_column(Text(), default="")
    remedy: Mapped[str] = mapped_column(Text(), default="")
    state_since: Mapped[datetime]
    agent_version: Mapped[str] = mapped_column(String(60), default="")
    protocol: Mapped[str] = mapped_column(String(20), default="")
    boot_id: Mapped[str] = mapped_column(String(64), default="")
    epoch: Mapped[int] = mapped_column(Integer(), default=0)
    joined: Mapped[datetime]
    joined_by: Mapped[str] = mapped_column(String(200))
    last_seen: Mapped[datetime | None]
    facts: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
    version: Mapped[int] = mapped_column(Integer(), default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's form


class HostCertificateRow(Base):
    """A certificate that was issued to a host; it stays here after the host was removed.

    ``key`` is the SHA-256 of its public key. One that is not listed, or is revoked, opens nothing.
    """

    __tablename__ = "host_certificates"

    serial: Mapped[str] = mapped_column(String(64), primary_key=True)
    host: Mapped[str] = mapped_column(String(64), index=True)
    key: Mapped[str] = mapped_column(String(64))
    issued: Mapped[datetime]
    expires: Mapped[datetime]
    revoked: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200), default="")


class JoinTokenRow(Base):
    """A one-time token that a host joins with; only its hash is kept."""

    __tablename__ = "join_tokens"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    created: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200))
    expires: Mapped[datetime]
    used: Mapped[datetime | None]
    used_by: Mapped[str] = mapped_column(String(64), default="")
    # The SHA-256 of the public key it was used with: the same host may ask again.
    used_key: Mapped[str] = mapped_column(String(64), default="")
    revoked: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer(), default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's form


class HostCommandRow(Base):
    """A command for a host's Agent; ``state`` is ``waiting`` until its result is known.

    Its owner is the task that its id begins with: when that has ended, the command is given up.
    """

    __tablename__ = "host_commands"
    __table_args__ = (Index("ix_host_commands_host_state", "host", "state"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    host: Mapped[str] = mapped_column(String(64))
    verb: Mapped[str] = mapped_column(String(40))
    arguments: Mapped[dict[str, Any]]
    who: Mapped[str] = mapped_column(String(200))
    created: Mapped[datetime] = mapped_column(index=True)
    timeout: Mapped[int] = mapped_column(Integer())
    state: Mapped[str] = mapped_column(String(20))
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
    failure: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
