"""The table of tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from manager.database.base import Base, JsonColumn


class TaskRow(Base):
    """One task; :class:`manager.tasks.task.Task` is what people see of it."""

    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_state", "state", "id"),)

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    kind: Mapped[str] = mapped_column(String(80), index=True)
    title: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(120), index=True)
    state: Mapped[str] = mapped_column(String(20))
    tier: Mapped[str] = mapped_column(String(20))
    arguments: Mapped[dict[str, Any]]
    created: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(64))
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]
    # The sweeper ends what is not finished by then.
    deadline: Mapped[datetime] = mapped_column(index=True)
    percent: Mapped[int] = mapped_column(Integer(), default=0)
    message: Mapped[str] = mapped_column(Text(), default="")
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
    error: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
