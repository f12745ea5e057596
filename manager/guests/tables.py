"""The table of guests."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from manager.database.base import Base


class GuestRow(Base):
    """A guest as the host said last that has it; ``memory`` in bytes.

    ``state`` is an agent.protocol.inventory.GuestState, ``state_since`` when it became so here.
    How far it can be believed is told by its host's own state.
    """

    __tablename__ = "guests"
    __table_args__ = (Index("ix_guests_host_state", "host", "state"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    host: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255), index=True)
    state: Mapped[str] = mapped_column(String(20))
    state_since: Mapped[datetime]
    vcpus: Mapped[int] = mapped_column(Integer())
    memory: Mapped[int] = mapped_column(BigInteger())
    autostart: Mapped[bool]
