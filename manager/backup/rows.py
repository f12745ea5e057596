"""Tables as lines of JSON: the same for SQLite and PostgreSQL, so that either restores the other's.

Rows are read in one snapshot. They are written into tables of the revision that they are of, which
may be an older one than this program's; migrations then bring them up to date.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import (
    Connection,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    func,
    select,
    text,
)

from manager.backup.container import damaged
from manager.database.schema import metadata

_BATCH = 500
_REVISIONS = "alembic_version"


def dump_tables(connection: Connection, folder: Path) -> list[Path]:
    """Write each table of the platform into ``folder``; the files, parents before children."""
    return [_dump(connection, table, folder) for table in metadata.sorted_tables]


def _dump(connection: Connection, table: Table, folder: Path) -> Path:
    path = folder / f"{table.name}.jsonl"
    with path.open("w") as lines:
        rows = connection.execution_options(yield_per=_BATCH).execute(select(table))
        for row in rows.mappings():
            lines.write(json.dumps({name: _plain(value) for name, value in row.items()}) + "\n")
    return path


def load_tables(connection: Connection, folder: Path) -> int:
    """Fill the empty tables of ``connection`` from ``folder``; how many rows that were.

    Raises Failure where the files do not fit the tables.
    """
    found = MetaData()
    found.reflect(connection)
    total = 0
    for table in found.sorted_tables:
        path = folder / f"{table.name}.jsonl"
        if table.name == _REVISIONS or not path.exists():
            continue
        with path.open() as lines:
            for batch in _batches(lines):
                connection.execute(
                    table.insert(), [_typed(table, row, connection) for row in batch]
                )
                total += len(batch)
        _count_on(connection, table)
    return total


def drop_tables(connection: Connection) -> None:
    """Remove all tables of the platform, of whatever revision."""
    found = MetaData()
    found.reflect(connection)
    found.drop_all(connection)


def _batches(lines: IO[str]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for line in lines:
        batch.append(json.loads(line))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _typed(table: Table, row: dict[str, Any], connection: Connection) -> dict[str, Any]:
    unknown = row.keys() - {column.name for column in table.columns}
    if unknown:
        raise damaged(f"the table {table.name} has no column {min(unknown)}")
    typed = dict(row)
    for column in table.columns:
        value = typed.get(column.name)
        if value is None:
            continue
        if isinstance(column.type, DateTime):
            moment = datetime.fromisoformat(value)
            # SQLite keeps times in UTC, without saying so.
            on_sqlite = connection.dialect.name == "sqlite"
            typed[column.name] = moment.replace(tzinfo=None) if on_sqlite else moment
        elif isinstance(column.type, LargeBinary):
            typed[column.name] = base64.b64decode(value)
    return typed


def _count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL's counters do not notice rows that bring their own numbers."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        if isinstance(column.type, Integer) and column.server_default is not None:
            highest = connection.scalar(select(func.max(column)))
            if highest is not None:
                connection.execute(
                    text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)"),
                    {"table": table.name, "column": column.name, "highest": highest},
                )
