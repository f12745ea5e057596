"""Proving that a backup would work: it is restored into a scratch database, and looked at there.

What the Manager runs on is not touched. On SQLite the scratch database is a file in a folder of its
own, on PostgreSQL a schema beside the platform's tables, which needs no right that the Manager has
not; both are gone afterwards, and what a killed proof left behind is removed by the next one.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from sqlalchemy import make_url, text

from foundation.failure import Failure
from foundation.secret import Secret
from manager.backup.container import Header
from manager.backup.making import Progress
from manager.backup.restoring import examine_backup, fill, unpack
from manager.checking import check_contents
from manager.database.engine import Database
from manager.services import Services
from manager.settings import Settings

_FOLDER = ".proof-"
_SCHEMA = "flexvdi_proof"
# What a backup may grow to when it is unpacked and in a database besides, times its size.
_GROWTH = 20
_LEAST_FREE = 64 * 1024 * 1024


class Proof(BaseModel):
    """What became of a backup that was restored for trial; ``rows`` are all those of its tables."""

    model_config = ConfigDict(frozen=True)

    backup: str
    manager_version: str
    tables: int
    rows: int
    found: list[str]


class _OneAtATime:
    """Proofs of this process; two at once would share the scratch database."""

    def __init__(self, _services: Services) -> None:
        """Nobody proves yet."""
        self.lock = threading.Lock()


def prove_backup(
    services: Services, file: Path, passphrase: Secret | None, progress: Progress
) -> Proof:
    """Restore ``file`` for trial; raises Failure with why it could not be restored."""
    settings = services.settings
    with services.part(_OneAtATime).lock:
        _forget_leftovers(settings.state)
        header = examine_backup(file)
        _check_space(settings.state, file.stat().st_size)
        with tempfile.TemporaryDirectory(prefix=_FOLDER, dir=settings.state) as scratch:
            folder = Path(scratch)
            progress(10, "unpacking it")
            unpack(file, passphrase, folder)
            with _scratch_database(settings, folder) as database:
                progress(40, "filling a scratch database")
                fill(database, header, folder / "tables")
                progress(80, "looking at what was restored")
                return _look(database, header, folder, file.name)


def _look(database: Database, header: Header, folder: Path, name: str) -> Proof:
    tables = sorted((folder / "tables").glob("*.jsonl"))
    checks = check_contents(database, folder / "state")
    for check in checks:
        if not check.good:
            raise Failure(
                f"What was restored is not whole: {check.value}",
                "Make another backup and prove it. Keep this one: parts of it may serve.",
                where=check.name,
            )
    values = {check.name: check.value for check in checks}
    if header.ca_fingerprint not in values["certificates"]:
        raise Failure(
            "The certificate authority in the backup is not the one that the backup names.",
            "Make another backup and prove it.",
            where="certificates",
        )
    return Proof(
        backup=name,
        manager_version=header.manager_version,
        tables=len(tables),
        rows=sum(_lines(table) for table in tables),
        found=[f"{check.name}: {check.value}" for check in checks],
    )


def _lines(table: Path) -> int:
    with table.open("rb") as lines:
        return sum(1 for _ in lines)


def _check_space(state: Path, size: int) -> None:
    needed = size * _GROWTH + _LEAST_FREE
    free = shutil.disk_usage(state).free
    if free < needed:
        raise Failure(
            f"There is not enough space to try the backup: {needed // 2**20} MiB are needed in the "
            f"state folder, {free // 2**20} MiB are free.",
            "Remove old backups, or make the Manager's data disk larger.",
        )


@contextmanager
def _scratch_database(settings: Settings, folder: Path) -> Iterator[Database]:
    if settings.on_sqlite:
        database = Database(f"sqlite:///{folder / 'proof.sqlite'}")
        try:
            yield database
        finally:
            database.close()
        return
    own = Database(settings.database_url)
    try:
        _schema(own, f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE", f"CREATE SCHEMA {_SCHEMA}")
        database = Database(_in_schema(settings.database_url))
        try:
            yield database
        finally:
            database.close()
            _schema(own, f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE")
    finally:
        own.close()


def _schema(database: Database, *statements: str) -> None:
    with database.writing() as session:
        for statement in statements:
            session.execute(text(statement))


def _in_schema(url: str) -> str:
    """The same database, but that tables are looked for and made in the scratch schema alone."""
    there = make_url(url)
    known = there.query.get("options", "")
    before = f"{known} " if isinstance(known, str) and known else ""
    options = {"options": f"{before}-csearch_path={_SCHEMA}"}
    return there.update_query_dict(options).render_as_string(hide_password=False)


def _forget_leftovers(state: Path) -> None:
    for folder in state.glob(f"{_FOLDER}*"):
        shutil.rmtree(folder, ignore_errors=True)
