"""Looking at a Manager's state from outside, whether it runs or not; nothing is changed."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from foundation.failure import Failure
from manager.access.role import Role
from manager.access.tables import AdministratorRow, SecondFactorRow
from manager.access.totp import Holder, purpose
from manager.certificates.authority import CertificateAuthority
from manager.certificates.secret_box import SecretBox
from manager.clock import system_clock
from manager.database.engine import Database
from manager.database.migrating import check_known, current_revisions, newest_revisions
from manager.settings import RESTORE_MARK, Settings

_FOR_THE_OWNER_ONLY = ("certificates/ca.key", "certificates/server.key", "secret.key")
_START = "Start the Manager once, or restore it."


@dataclass(frozen=True)
class StateCheck:
    """One thing that was looked at: its value, and what to do where that is not good."""

    name: str
    good: bool
    value: str
    remedy: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def check_state(settings: Settings) -> list[StateCheck]:
    """Every check, in order; what depends on one that failed is left out."""
    checks = [_look("state folder", lambda: _folder(settings))]
    if not checks[0].good:
        return checks
    checks.append(_look("file permissions", lambda: _permissions(settings.state)))
    database = Database(settings.database_url)
    try:
        return [*checks, *check_contents(database, settings.state)]
    finally:
        database.close()


def check_contents(database: Database, state: Path) -> list[StateCheck]:
    """Whether keys in ``state`` and database are whole, and belong together."""
    checks = [_look("certificates", lambda: _certificates(state))]
    checks.append(_look("database", lambda: _database(database)))
    if checks[-1].good:
        checks.append(_look("tables", lambda: _tables(database)))
    if checks[-1].good:
        checks.append(_look("administrators", lambda: _administrators(database)))
        checks.append(_look("secret key", lambda: _secrets(database, state)))
    return checks


def _look(name: str, look: Callable[[], str]) -> StateCheck:
    try:
        return StateCheck(name, True, look())
    except Failure as failure:
        return StateCheck(name, False, failure.cause, failure.remedy)


def _folder(settings: Settings) -> str:
    if not settings.state.is_dir():
        raise Failure(f"There is no folder {settings.state}.", "Give the right one with --state.")
    if (settings.state / RESTORE_MARK).exists():
        raise Failure(
            "A restore was begun and not finished.", "Give the same `restore` command again."
        )
    return str(settings.state)


def _permissions(state: Path) -> str:
    for name in _FOR_THE_OWNER_ONLY:
        path = state / name
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise Failure(f"Others may read {path}.", f"chmod 600 {path}")
    return "keys are for their owner only"


def _certificates(state: Path) -> str:
    if not (state / "certificates" / "ca.crt").exists():
        raise Failure(
            "There is no certificate authority.", "Start the Manager once, or restore it."
        )
    return "CA " + CertificateAuthority(state / "certificates", system_clock).fingerprint


def _database(database: Database) -> str:
    if database.on_sqlite:
        if not Path(database.url.removeprefix("sqlite:///")).exists():
            raise Failure("There is no database.", _START)
        with database.reading() as session:
            found = str(session.scalar(text("PRAGMA integrity_check")))
        if found != "ok":
            raise Failure(f"The database is damaged: {found[:200]}.", "Restore a backup.")
        return "SQLite, whole"
    database.ping()
    return "PostgreSQL, answering"


def _tables(database: Database) -> str:
    at = current_revisions(database)
    check_known(at, "The database")
    if at != newest_revisions():
        return "of an older version; they are brought up to date when the Manager starts"
    return "up to date"


def _administrators(database: Database) -> str:
    with database.reading() as session:
        names = session.scalars(
            select(AdministratorRow.name).where(
                AdministratorRow.role == Role.ADMIN.value, AdministratorRow.disabled.is_(False)
            )
        ).all()
    if not names:
        raise Failure(
            "There is nobody who may administrate the Manager.",
            "Set it up, or use `flexvdi-manager reset-administrator`.",
        )
    return ", ".join(names)


def _secrets(database: Database, state: Path) -> str:
    """Every sealed secret that core keeps opens: key and database are of one Manager."""
    if not (state / "secret.key").exists():
        raise Failure("The secret key is missing.", "Restore the state from a backup.")
    box = SecretBox(state / "secret.key")
    opened = 0
    with database.reading() as session:
        holders: list[Holder] = [
            *session.scalars(select(AdministratorRow)),
            *session.scalars(select(SecondFactorRow)),
        ]
        for row in holders:
            if row.totp_secret is not None:
                box.open(row.totp_secret, purpose(row))
                opened += 1
    return f"opens {opened} sealed secrets"
