"""Second factors of people of directories; sessions say who somebody is beyond their name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from manager.database.base import JsonColumn, UtcDateTime

revision = "0005_second_factors"
down_revision = "0004_token_sources"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sessions that are open have no such identifier: they last until they end, or sign in anew."""
    op.create_table(
        "second_factors",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_pending", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("recovery_codes", JsonColumn, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factors")),
        sa.UniqueConstraint("source", "person", name=op.f("uq_second_factors_source")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("person", sa.String(length=200), nullable=False, server_default="")
        )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.alter_column("person", server_default=None)


def downgrade() -> None:
    """Remove both; only a restored backup goes back in practice."""
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_column("person")
    op.drop_table("second_factors")
