"""Connections and transactions.

Reading and writing are apart. On SQLite a write begins with ``BEGIN IMMEDIATE`` and waits its turn
inside the process, so that "database is locked" cannot happen half-way; on PostgreSQL both are
ordinary transactions. Transactions are short: nothing slow happens inside of one.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from manager.problems import Conflict, Unavailable

# Milliseconds that another process (a backup, a rescue command) may hold SQLite's write lock.
_BUSY_MILLISECONDS = 10_000
_WRITER_PATIENCE_SECONDS = 30.0
_AFTER_COMMIT = "flexvdi_after_commit"


class DatabaseAway(Unavailable):
    """The database does not answer just now; what was asked of it was not done."""


class Database:
    """One database, with its two kinds of transactions."""

    def __init__(self, url: str) -> None:
        """``url`` is SQLAlchemy's; nothing is connected yet."""
        self.url = url
        self.on_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.on_sqlite else _postgresql_engine(url)
        self._writing_engine = self.engine.execution_options(flexvdi_begin="IMMEDIATE")
        self._turn = threading.Lock()
        self._mine = threading.local()

    @contextmanager
    def reading(self, *, snapshot: bool = False) -> Iterator[Session]:
        """A session for looking only; what it changes is thrown away.

        In a ``snapshot`` all it reads is of one moment, as it always is on SQLite.
        Raises Unavailable where the database does not answer.
        """
        engine = self.engine
        if snapshot and not self.on_sqlite:
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with _explained(), Session(engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back by an exception.

        Raises Conflict where a row was changed by somebody else meanwhile, Unavailable where
        the database does not answer.
        """
        with self._my_turn(), _explained():
            with Session(self._writing_engine, expire_on_commit=False) as session, session.begin():
                yield session
        for act in session.info.pop(_AFTER_COMMIT, []):
            act()

    def ping(self) -> None:
        """Raise Unavailable unless the database answers."""
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self.on_sqlite:
            yield
            return
        if getattr(self._mine, "writing", False):
            raise RuntimeError("a write transaction was opened inside of another one")
        if not self._turn.acquire(timeout=_WRITER_PATIENCE_SECONDS):
            raise Unavailable("The database is busy with another change.", "Try again in a moment.")
        self._mine.writing = True
        try:
            yield
        finally:
            self._mine.writing = False
            self._turn.release()


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Call ``act`` once what ``session`` wrote is there for everybody, and not if it fails."""
    session.info.setdefault(_AFTER_COMMIT, []).append(act)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except StaleDataError as error:
        raise Conflict(
            "This was changed by somebody else in the meantime.", "Load it again and repeat."
        ) from error
    except DBAPIError as error:
        if "malformed" in str(error.orig) or "not a database" in str(error.orig):
            raise Unavailable(
                f"The database is damaged: {error.orig}.",
                "Stop the Manager and restore its last backup.",
            ) from error
        if not isinstance(error, (OperationalError, InterfaceError)):
            raise
        raise DatabaseAway(
            "The database does not answer.",
            "Nothing was changed. It is tried again with the next request; if this stays, look at "
            "the database's service, its disk and the Manager's log.",
            details=str(error.orig)[:500],
        ) from error


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": _BUSY_MILLISECONDS / 1000},
        pool_size=16,
        max_overflow=48,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # what was answered "done" survives a power cut
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_MILLISECONDS}",
            "cache_size=-4096",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        kind = connection.get_execution_options().get("flexvdi_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")

    return engine


def _postgresql_engine(url: str) -> Engine:
    return create_engine(
        url,
        pool_size=16,
        max_overflow=16,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={"connect_timeout": 5, "application_name": "flexvdi-manager"},
    )
