"""Values in words: sizes, times, shares. Used as filters in the templates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from markupsafe import Markup

_SIZES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_SPANS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def size(count: float | None) -> str:
    """``count`` bytes, with three digits at most: ``"1.5 GiB"``."""
    if count is None:
        return "–"
    unit = 0
    while abs(count) >= 1024 and unit < len(_SIZES) - 1:
        count /= 1024
        unit += 1
    digits = 0 if unit == 0 or abs(count) >= 100 else 1
    return f"{count:.{digits}f}".removesuffix(".0") + f" {_SIZES[unit]}"


def rate(count: float | None) -> str:
    """``count`` bytes per second."""
    return "–" if count is None else f"{size(count)}/s"


def percent(share: float | None) -> str:
    """A share of 1 as a whole percentage."""
    return "–" if share is None else f"{share * 100:.0f} %"


def span(seconds: float) -> str:
    """A length of time in its largest unit: ``"3 hours"``, ``"a moment"`` below one second."""
    seconds = max(0, round(seconds))
    for length, name in _SPANS:
        if seconds >= length:
            return _counted(seconds // length, name)
    return _counted(seconds, "second") if seconds else "a moment"


def moment(at: datetime | float | None, form: str = "ago") -> Markup:
    """A point in time as a ``<time>``: how long ago it was, or in ``full``.

    Numbers are seconds since 1970, times without a zone are UTC.
    """
    if at is None:
        return Markup("–")
    when = datetime.fromtimestamp(at, UTC) if isinstance(at, int | float) else at
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    text = f"{when:%Y-%m-%d %H:%M:%S} UTC"
    if form == "ago":
        gone = (datetime.now(UTC) - when).total_seconds()
        text = f"{span(gone)} ago" if gone >= 0 else f"in {span(-gone)}"
    return Markup('<time datetime="{}" data-form="{}">{}</time>').format(
        when.isoformat(timespec="seconds"), form, text
    )


def breakable(text: str) -> Markup:
    """``text``, which may be broken into lines behind each colon; copying it gives it unchanged."""
    return Markup(":<wbr>").join(text.split(":"))


def _counted(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


FILTERS: dict[str, Callable[..., str]] = {
    "size": size,
    "rate": rate,
    "percent": percent,
    "span": span,
    "moment": moment,
    "breakable": breakable,
}
