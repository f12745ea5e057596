"""Directories, and the people of theirs who have signed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from manager.database.base import JsonColumn, UtcDateTime

revision = "0003_directories"
down_revision = "0002_hosts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "directories",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("settings", JsonColumn, nullable=False),
        sa.Column("bind_password", sa.LargeBinary(), nullable=False),
        sa.Column("changed", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directories")),
        sa.UniqueConstraint("name", name=op.f("uq_directories_name")),
    )
    op.create_table(
        "directory_people",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("directory", sa.String(length=20), nullable=False),
        sa.Column("entry", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("by_group", sa.String(length=1024), nullable=False),
        sa.Column("last_sign_in", UtcDateTime(), nullable=False),
        sa.Column("checked", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["directory"],
            ["directories.id"],
            name=op.f("fk_directory_people_directory_directories"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_people")),
        sa.UniqueConstraint("directory", "entry", name=op.f("uq_directory_people_directory")),
    )
    with op.batch_alter_table("directory_people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_directory_people_checked"), ["checked"], unique=False)
        batch_op.create_index(batch_op.f("ix_directory_people_name"), ["name"], unique=False)


def downgrade() -> None:
    """Remove them; only a restored backup goes back in practice."""
    op.drop_table("directory_people")
    op.drop_table("directories")
