"""The table of events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from manager.database.base import Base


class EventRow(Base):
    """One event; see :class:`manager.events.event.Event`."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_subject", "subject", "id"),)

    # SQLite counts up by itself for INTEGER only.
    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
    )
    time: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(80), index=True)
    subject: Mapped[str] = mapped_column(String(120))
    severity: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text())
    data: Mapped[dict[str, Any]]
