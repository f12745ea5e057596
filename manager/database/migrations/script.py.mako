"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from manager.database.base import JsonColumn, UtcDateTime

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Remove them; only a restored backup goes back in practice."""
    ${downgrades if downgrades else "pass"}
