"""Writing audit records."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from foundation.secret import MASK, Secret
from manager.access.principal import Principal
from manager.audit.tables import AuditRow
from manager.clock import Clock, system_clock

# Names whose values are never written, whatever type they have.
_SECRET_NAMES = ("password", "secret", "token", "passphrase", "code", "private", "bind_pw")
_LONGEST_TEXT = 500


class Result(StrEnum):
    """How an action ended."""

    DONE = "done"
    STARTED = "started"
    REFUSED = "refused"
    FAILED = "failed"


def record(
    session: Session,
    principal: Principal,
    action: str,
    *,
    target: str = "",
    result: Result = Result.DONE,
    text: str = "",
    data: Mapping[str, Any] | None = None,
    clock: Clock = system_clock,
) -> None:
    """Write, with what else ``session`` writes, that ``principal`` did ``action``.

    ``action`` is dotted, as in ``administrator.create``; ``data`` is redacted by the names of
    its keys and by type.
    """
    session.add(
        AuditRow(
            time=clock(),
            actor=principal.name[:200],
            source=principal.source[:120],
            address=principal.address[:64],
            action=action,
            target=target[:200],
            result=result.value,
            text=text[:_LONGEST_TEXT],
            data=redacted(data or {}),
        )
    )


def redacted(data: Mapping[str, Any]) -> dict[str, Any]:
    """``data`` fit for keeping: no secrets, and no text without end."""
    return {
        str(name): MASK if _is_secret(str(name), value) else _fit(value)
        for name, value in data.items()
    }


def _is_secret(name: str, value: Any) -> bool:
    told = isinstance(value, (str, bytes, list)) and bool(value)
    return told and any(word in name.lower() for word in _SECRET_NAMES)


def _fit(value: Any) -> Any:
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, Mapping):
        return redacted(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_fit(item) for item in value][:100]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)[:_LONGEST_TEXT]
