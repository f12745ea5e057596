"""Reading the audit log: in pages, and as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, select

from manager.audit.recording import Result
from manager.audit.tables import AuditRow
from manager.database.paging import Page, page_by
from manager.services import Services

_BATCH = 500
_COLUMNS = (
    "id",
    "time",
    "actor",
    "source",
    "address",
    "action",
    "target",
    "result",
    "text",
    "data",
)


class AuditRecord(BaseModel):
    """Who did what to what, from where, and how it ended."""

    model_config = ConfigDict(frozen=True)

    id: int
    time: datetime
    actor: str
    source: str
    address: str
    action: str
    target: str
    result: Result
    text: str
    data: dict[str, Any]


class AuditFilter(BaseModel):
    """What is looked for; what is None does not matter. ``action`` may be a beginning."""

    model_config = ConfigDict(frozen=True)

    actor: str | None = None
    action: str | None = None
    target: str | None = None
    result: Result | None = None
    since: datetime | None = None
    until: datetime | None = None


def find_records(
    services: Services, wanted: AuditFilter, *, size: int, after: str | None = None
) -> Page[AuditRecord]:
    """A page of records, newest first."""
    with services.database.reading() as session:
        return page_by(
            session,
            _statement(wanted),
            AuditRow.id,
            _shown,
            size=size,
            after=after,
            newest_first=True,
        )


def export_csv(services: Services, wanted: AuditFilter) -> Iterator[str]:
    """All records, oldest first, as CSV (RFC 4180), a piece at a time."""
    yield _line(_COLUMNS)
    last = 0
    while True:
        with services.database.reading() as session:
            rows = session.scalars(
                _statement(wanted).where(AuditRow.id > last).order_by(AuditRow.id).limit(_BATCH)
            ).all()
        if not rows:
            return
        yield "".join(_line(_fields(row)) for row in rows)
        last = rows[-1].id


def _statement(wanted: AuditFilter) -> Select[AuditRow]:
    statement = select(AuditRow)
    if wanted.actor is not None:
        statement = statement.where(AuditRow.actor == wanted.actor)
    if wanted.action is not None:
        statement = statement.where(AuditRow.action.startswith(wanted.action, autoescape=True))
    if wanted.target is not None:
        statement = statement.where(AuditRow.target == wanted.target)
    if wanted.result is not None:
        statement = statement.where(AuditRow.result == wanted.result.value)
    if wanted.since is not None:
        statement = statement.where(AuditRow.time >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(AuditRow.time < wanted.until)
    return statement


def _shown(row: AuditRow) -> AuditRecord:
    return AuditRecord.model_validate({name: getattr(row, name) for name in _COLUMNS})


def _fields(row: AuditRow) -> Iterator[str]:
    for name in _COLUMNS:
        value = getattr(row, name)
        if isinstance(value, datetime):
            yield value.isoformat()
        elif isinstance(value, dict):
            yield json.dumps(value, ensure_ascii=False)
        else:
            # What begins so would be a formula to a spreadsheet.
            text = str(value)
            yield f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _line(fields: Iterator[str] | tuple[str, ...]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(fields)
    return written.getvalue()
