"""Restoring a backup into the state of a Manager that is not running.

Everything is unpacked and checked before anything is touched. What was there is kept beside it.
A restore that was cut off leaves a mark: the Manager does not start on half of each, and the same
command, given again, finishes it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from sqlalchemy import case, text, update

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.secret import Secret
from manager.access.tables import SessionRow
from manager.backup.container import Header, damaged, open_payload, read_header
from manager.backup.making import CHECKSUMS, STATE_FILES
from manager.backup.restored import Restored, note_restored
from manager.backup.rows import drop_tables, load_tables
from manager.database.engine import Database
from manager.database.migrating import check_known, migrate, migrate_to
from manager.settings import RESTORE_MARK, Settings
from manager.tasks.tables import TaskRow
from manager.tasks.task import OPEN, Problem, TaskState

Say = Callable[[str], None]
_EXPECTED = {CHECKSUMS, *(f"state/{name}" for name in STATE_FILES)}


def examine_backup(file: Path) -> Header:
    """What a backup says of itself; raises Failure for what is none, or is of a newer Manager."""
    with _opened(file) as stream:
        header, _ = read_header(stream)
    check_known(frozenset(header.revisions), "This backup")
    return header


def restore_backup(settings: Settings, file: Path, passphrase: Secret | None, say: Say) -> Header:
    """Put the state of ``file`` into the place of the one that is there.

    Raises Failure, with nothing changed, where the backup cannot be used.
    """
    header = examine_backup(file)
    say(f"The backup is of {header.created:%Y-%m-%d %H:%M} UTC, version {header.manager_version}.")
    state = settings.state
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=state) as scratch:
        unpacked = Path(scratch)
        unpack(file, passphrase, unpacked)
        say("It is whole.")
        kept = state / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        write_atomically(state / RESTORE_MARK, str(file.absolute()) + "\n", 0o600)
        _restore_database(settings, header, unpacked / "tables", kept)
        _restore_files(state, unpacked / "state", kept)
        note_restored(state, Restored(backup=header.created, at=datetime.now(UTC)))
        (state / RESTORE_MARK).unlink()
    if kept.exists():
        say(f"What was there before is kept in {kept}.")
    return header


def unpack(file: Path, passphrase: Secret | None, folder: Path) -> None:
    """Everything in ``file`` into ``folder``; raises Failure unless all is as it was written."""
    with _opened(file) as stream:
        header, line = read_header(stream)
        payload = open_payload(stream, header, line, passphrase)
        try:
            with gzip.open(payload) as whole:
                with tarfile.open(fileobj=whole, mode="r|") as archive:
                    for member in archive:
                        _take(archive, member, folder)
                while whole.read(1 << 20):  # up to its end, where gzip has its checksum
                    pass
        except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
            raise damaged("it cannot be unpacked") from error
    listed = folder / CHECKSUMS
    if not listed.exists():
        raise damaged("its end is missing")
    for name, expected in json.loads(listed.read_text()).items():
        path = folder / name
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise damaged(f"{name} is not as it was")


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Unpack one member, if it is one of those that a backup has."""
    name = Path(member.name)
    is_table = name.parent == Path("tables") and name.suffix == ".jsonl"
    if not member.isfile() or not (is_table or member.name in _EXPECTED):
        raise damaged(f"it holds {member.name!r}, which no backup does")
    content = archive.extractfile(member)
    assert content is not None
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("wb") as written:
        shutil.copyfileobj(content, written)
    (folder / name).chmod(0o600)


def _restore_database(settings: Settings, header: Header, tables: Path, kept: Path) -> None:
    if settings.on_sqlite:
        path = Path(settings.database_url.removeprefix("sqlite:///"))
        fresh = path.with_name(f".{path.name}.restored")
        fresh.unlink(missing_ok=True)
        fill(Database(f"sqlite:///{fresh}"), header, tables)
        for name in (path, Path(settings.tasks_url.removeprefix("sqlite:///"))):
            for part in (name, Path(f"{name}-wal"), Path(f"{name}-shm")):
                if part.exists():
                    kept.mkdir(mode=0o700, exist_ok=True)
                    part.replace(kept / part.name)
        fresh.replace(path)
        return
    database = Database(settings.database_url)
    with database.writing() as session:
        session.execute(text("DROP SCHEMA IF EXISTS dbos CASCADE"))
    fill(database, header, tables)


def fill(database: Database, header: Header, tables: Path) -> None:
    """Restore the tables and bring them up to date.

    All in one transaction: on PostgreSQL the old tables are there until the new ones are.
    """
    try:
        with database.writing() as session:
            connection = session.connection()
            drop_tables(connection)
            migrate_to(connection, header.revisions)
            load_tables(connection, tables)
        migrate(database)
        _make_true(database, header)
        if database.on_sqlite:
            with database.reading() as session:
                session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    finally:
        database.close()


def _make_true(database: Database, header: Header) -> None:
    """What the backup says that is not so any more: nobody is signed in, no task runs.

    A backup that was being made or tried has changed nothing and tells nothing of backups: it is
    cancelled, for a failed one worries people.
    """
    cut_off = Problem(
        cause="The Manager was restored from a backup while this was not finished.",
        remedy="Look at what it was to change, then start it again.",
    )
    with database.writing() as session:
        session.query(SessionRow).delete()
        session.execute(
            update(TaskRow)
            .where(TaskRow.state.in_(OPEN))
            .values(
                state=case(
                    (TaskRow.kind.startswith("backup."), TaskState.CANCELLED.value),
                    else_=TaskState.FAILED.value,
                ),
                error=cut_off.model_dump(),
                finished=header.created,
            )
        )


def _restore_files(state: Path, unpacked: Path, kept: Path) -> None:
    for name in STATE_FILES:
        if (state / name).exists():
            (kept / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copy2(state / name, kept / name)
        if (unpacked / name).exists():
            (state / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(state / name, (unpacked / name).read_bytes(), 0o600)


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    try:
        with file.open("rb") as stream:
            yield stream
    except OSError as error:
        raise Failure(
            f"The backup {file} cannot be read: {error.strerror}.", "Give the path of a backup."
        ) from error
