"""The table of audit records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from manager.database.base import Base


class AuditRow(Base):
    """One record: ``actor`` did ``action`` to ``target`` from ``address``."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
    )
    time: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(200), index=True)
    # How the actor is known: local, token, directory, host, system.
    source: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(80), index=True)
    target: Mapped[str] = mapped_column(String(200))
    result: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text())
    data: Mapped[dict[str, Any]]
