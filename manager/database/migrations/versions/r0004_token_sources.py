"""API tokens say how their makers were known: those of a directory end with their makers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_token_sources"
down_revision = "0003_directories"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; the tokens that there are count as those of administrators of ours."""
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("source", sa.String(length=120), nullable=False, server_default="local")
        )
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.alter_column("source", server_default=None)


def downgrade() -> None:
    """Remove it; only a restored backup goes back in practice."""
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.drop_column("source")
