"""One line of an examination: what was looked at, what was found, and what to do about it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from foundation.failure import Failure

CheckState = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True)
class Check:
    """``name`` tells checks apart, ``where`` is the server if it is about one, ``value`` measured.

    ``seconds`` is how long it took; None for what was not tried.
    """

    name: str
    title: str
    state: CheckState
    value: str = ""
    cause: str = ""
    remedy: str = ""
    where: str = ""
    seconds: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Found:
    """What a step found: the value to show, and cause and remedy if it deserves a warning."""

    value: str
    warning: tuple[str, str] | None = None


def attempt(name: str, title: str, step: Callable[[], Found], *, where: str = "") -> Check:
    """Carry out ``step``; a Failure becomes a failed check, with what it measured if it says so."""
    started = time.monotonic()
    try:
        found = step()
    except Failure as failure:
        return Check(
            name,
            title,
            "failed",
            getattr(failure, "value", ""),
            failure.cause,
            failure.remedy,
            where or failure.where,
            time.monotonic() - started,
        )
    state: CheckState = "warning" if found.warning else "ok"
    cause, remedy = found.warning or ("", "")
    return Check(name, title, state, found.value, cause, remedy, where, time.monotonic() - started)
