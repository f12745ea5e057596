"""Limits on guessing: failed attempts are counted for each name and each address.

An attempt is counted before the password is looked at and taken back when it was right, so that
many at the same time gain nothing. Names that do not exist are counted alike.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from manager.access.preferences import PasswordPreferences
from manager.access.tables import AttemptRow
from manager.preferences.storing import preference
from manager.problems import TooMany
from manager.services import Services

# An address stands for a whole site behind its router: it gets more.
_ADDRESS_FACTOR = 5
_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(hours=1)


def begin_attempt(services: Services, name: str, address: str) -> None:
    """Count an attempt; raises TooMany where it comes too early."""
    allowed = preference(services, PasswordPreferences).failures_before_wait
    now = services.clock()
    with services.database.writing() as session:
        rows = [
            (_row(session, key, now), limit)
            for key, limit in (
                (_name_key(name), allowed),
                (_address_key(address), allowed * _ADDRESS_FACTOR),
            )
        ]
        for row, _ in rows:
            if row.blocked_until is not None and row.blocked_until > now:
                left = math.ceil((row.blocked_until - now).total_seconds())
                raise TooMany(
                    "There were too many failed attempts to sign in.",
                    f"Wait {left} s and try again.",
                    retry_after=left,
                )
        for row, limit in rows:
            if now - row.last > _FORGOTTEN_AFTER:
                row.failures = 0
            row.failures += 1
            row.last = now
            over = row.failures - limit
            if over >= 0:
                wait = _FIRST_WAIT * 2 ** min(over, 10)
                row.blocked_until = now + min(wait, _LONGEST_WAIT)


def attempt_succeeded(session: Session, name: str, address: str) -> None:
    """Take the attempt back: the name starts anew, the address has one failure less."""
    session.execute(delete(AttemptRow).where(AttemptRow.key == _name_key(name)))
    row = session.get(AttemptRow, _address_key(address), with_for_update=True)
    if row is not None:
        row.failures = max(0, row.failures - 1)
        row.blocked_until = None


def attempt_taken_back(session: Session, name: str, address: str) -> None:
    """Uncount one attempt that was neither right nor wrong; those before it stay counted."""
    for key in (_name_key(name), _address_key(address)):
        row = session.get(AttemptRow, key, with_for_update=True)
        if row is not None:
            row.failures = max(0, row.failures - 1)
            row.blocked_until = None


def forget_attempts(services: Services) -> None:
    """Remove what is too old to count (a sweep)."""
    with services.database.writing() as session:
        session.execute(
            delete(AttemptRow).where(AttemptRow.last < services.clock() - 2 * _FORGOTTEN_AFTER)
        )


def _row(session: Session, key: str, now: datetime) -> AttemptRow:
    row = session.get(AttemptRow, key, with_for_update=True)
    if row is None:
        row = AttemptRow(key=key, failures=0, last=now)
        session.add(row)
    return row


def _name_key(name: str) -> str:
    return f"name:{name.lower()[:200]}"


def _address_key(address: str) -> str:
    return f"address:{address}"
