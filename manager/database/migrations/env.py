"""What Alembic runs: the migrations, on the connection that it was given."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine

from manager.database.schema import metadata

connection = context.config.attributes.get("connection")
if connection is None:  # a new revision is being made: see docs/contributors/manager.md
    connection = create_engine(context.config.get_main_option("sqlalchemy.url") or "").connect()
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
