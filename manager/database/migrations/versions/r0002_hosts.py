"""Hosts, their certificates, join tokens and commands; guests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from manager.database.base import JsonColumn, UtcDateTime

revision = "0002_hosts"
down_revision = "0001_core"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "guests",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("host", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_since", UtcDateTime(), nullable=False),
        sa.Column("vcpus", sa.Integer(), nullable=False),
        sa.Column("memory", sa.BigInteger(), nullable=False),
        sa.Column("autostart", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guests")),
    )
    with op.batch_alter_table("guests", schema=None) as batch_op:
        batch_op.create_index("ix_guests_host_state", ["host", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_guests_name"), ["name"], unique=False)

    op.create_table(
        "host_certificates",
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("issued", UtcDateTime(), nullable=False),
        sa.Column("expires", UtcDateTime(), nullable=False),
        sa.Column("revoked", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_host_certificates")),
    )
    with op.batch_alter_table("host_certificates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_host_certificates_host"), ["host"], unique=False)

    op.create_table(
        "host_commands",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=64), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column(
            "arguments",
            JsonColumn,
            nullable=False,
        ),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("timeout", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column(
            "result",
            JsonColumn,
            nullable=True,
        ),
        sa.Column(
            "failure",
            JsonColumn,
            nullable=True,
        ),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_commands")),
    )
    with op.batch_alter_table("host_commands", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_host_commands_created"), ["created"], unique=False)
        batch_op.create_index("ix_host_commands_host_state", ["host", "state"], unique=False)

    op.create_table(
        "hosts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("state_since", UtcDateTime(), nullable=False),
        sa.Column("agent_version", sa.String(length=60), nullable=False),
        sa.Column("protocol", sa.String(length=20), nullable=False),
        sa.Column("boot_id", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("joined", UtcDateTime(), nullable=False),
        sa.Column("joined_by", sa.String(length=200), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=True),
        sa.Column(
            "facts",
            JsonColumn,
            nullable=True,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hosts")),
        sa.UniqueConstraint("name", name=op.f("uq_hosts_name")),
    )
    with op.batch_alter_table("hosts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hosts_state"), ["state"], unique=False)

    op.create_table(
        "join_tokens",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("expires", UtcDateTime(), nullable=False),
        sa.Column("used", UtcDateTime(), nullable=True),
        sa.Column("used_by", sa.String(length=64), nullable=False),
        sa.Column("used_key", sa.String(length=64), nullable=False),
        sa.Column("revoked", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_join_tokens_token_hash")),
    )
