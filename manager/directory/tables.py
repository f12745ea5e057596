"""Tables of directories, and of the people of theirs who have signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from manager.database.base import Base


class DirectoryRow(Base):
    """A directory; ``position`` is its place in the order in which they are asked."""

    __tablename__ = "directories"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(63), unique=True)
    position: Mapped[int] = mapped_column(Integer())
    # manager.directory.settings.DirectorySettings
    settings: Mapped[dict[str, Any]]
    # Encrypted by the Manager's secret key, for the purpose ``directory:ID:bind``.
    bind_password: Mapped[bytes] = mapped_column(LargeBinary())
    changed: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(Integer(), default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's form


class DirectoryPersonRow(Base):
    """Somebody who has signed in by a directory: by which entry the directory knows them."""

    __tablename__ = "directory_people"
    __table_args__ = (UniqueConstraint("directory", "entry"),)

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    directory: Mapped[str] = mapped_column(ForeignKey("directories.id", ondelete="CASCADE"))
    # The stable id of the entry: objectGUID, entryUUID …
    entry: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(256), index=True)
    full_name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    # By which group, for administrators who wonder.
    by_group: Mapped[str] = mapped_column(String(1024))
    last_sign_in: Mapped[datetime]
    # When the directory last said that person and role are still right.
    checked: Mapped[datetime] = mapped_column(index=True)
