"""Lists in pages, by key: a page costs the same wherever it is in the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from manager.problems import Invalid

Item = TypeVar("Item")
Row = TypeVar("Row")

LARGEST_PAGE = 500
DEFAULT_PAGE = 50
PageSize = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Items in a page.")]
After = Annotated[
    str | None, Query(max_length=300, description="`next` of the page before; none for the first.")
]


class Page(BaseModel, Generic[Item]):
    """One page of a list; ``next`` is what to ask for after it, None at the end."""

    items: list[Item]
    next: str | None = None


def page_by(
    session: Session,
    statement: Select[Row],
    key: InstrumentedAttribute[Any],
    shown: Callable[[Row], Item],
    *,
    size: int,
    after: str | None,
    newest_first: bool = False,
) -> Page[Item]:
    """A page of ``statement``, ordered by the unique column ``key`` (a text or a number).

    Raises Invalid where ``after`` is not something that a page before has said.
    """
    if after is not None:
        value = _key_value(key, after)
        statement = statement.where(key < value if newest_first else key > value)
    statement = statement.order_by(key.desc() if newest_first else key.asc()).limit(size + 1)
    rows = list(session.scalars(statement))
    more = len(rows) > size
    rows = rows[:size]
    return Page(
        items=[shown(row) for row in rows],
        next=str(getattr(rows[-1], key.key)) if more else None,
    )


def _key_value(key: InstrumentedAttribute[Any], after: str) -> str | int:
    if key.type.python_type is not int:
        return after
    if not after.isdecimal() or len(after) > 18:
        raise Invalid(
            "This is no place in the list.",
            "Send what the page before said as next.",
            where="after",
        )
    return int(after)
