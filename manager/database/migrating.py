"""Bringing a database to the version of this program, and refusing what is newer than it.

Each area has a line of revisions of its own that begins at ``0001_core``; so areas change their
tables without waiting for each other, and all lines are brought to their ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from foundation.failure import Failure
from manager.database.engine import Database

_MIGRATIONS = Path(__file__).parent / "migrations"


def newest_revisions() -> frozenset[str]:
    """The revisions that this program's tables are at, the newest of each area."""
    return frozenset(_script().get_heads())


def current_revisions(database: Database) -> frozenset[str]:
    """The revisions that ``database`` is at; none for an empty one."""
    with database.reading() as session:
        return frozenset(MigrationContext.configure(session.connection()).get_current_heads())


def known_revisions() -> frozenset[str]:
    """All revisions this program knows."""
    return frozenset(script.revision for script in _script().walk_revisions())


def migrate(database: Database) -> None:
    """Bring ``database`` to the newest revisions, in one transaction.

    Raises Failure, with the data untouched, where it was written by a newer Manager.
    """
    at = current_revisions(database)
    check_known(at, "The database")
    if at == newest_revisions():
        return
    with database.writing() as session:
        _upgrade(session.connection())


def check_known(revisions: frozenset[str], what: str) -> None:
    """Raise Failure where ``what`` is at revisions that this program does not know."""
    unknown = revisions - known_revisions()
    if unknown:
        raise Failure(
            f"{what} is of a newer Manager (its revision {min(unknown)} is unknown to this one).",
            "Start the Manager's newer version again, or restore a backup of this version. "
            "Nothing was changed.",
        )


def migrate_to(connection: Connection, revisions: Iterable[str]) -> None:
    """Bring an empty database to ``revisions``, for what a backup of them holds."""
    for revision in revisions:
        _upgrade(connection, revision)


def _upgrade(connection: Connection, to: str = "heads") -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _script() -> ScriptDirectory:
    return ScriptDirectory(str(_MIGRATIONS))
