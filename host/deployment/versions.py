"""Versions of the appliance: which is the older one."""

from __future__ import annotations

from foundation.failure import Failure


def refuse_older(before: str, after: str) -> None:
    """Raise Failure where an image is older than what has written the data."""
    if _numbers(after) < _numbers(before):
        raise Failure(
            f"The image is of version {after}, and the Manager is {before} already.",
            "Data of a newer version cannot be used by an older one; take an image of "
            f"{before} or newer.",
        )


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.partition("+")[0].split(".")
    return tuple(int("".join(filter(str.isdigit, part)) or 0) for part in parts)
