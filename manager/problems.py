"""Failures that an API answers with, each with its HTTP status."""

from __future__ import annotations

from foundation.failure import Failure


class NotSignedIn(Failure):
    """Nobody is signed in, or not any more (401)."""


class Forbidden(Failure):
    """Who is signed in may not do this (403)."""


class NotFound(Failure):
    """There is no such thing (404)."""


class Conflict(Failure):
    """The thing is not in the state that this needs, or was changed meanwhile (409)."""


class Invalid(Failure):
    """What was sent cannot be meant; ``where`` names the field (422)."""


class TooMany(Failure):
    """Asked for too often (429)."""

    def __init__(self, cause: str, remedy: str = "", *, retry_after: int) -> None:
        """``retry_after`` is in seconds, sent as the header Retry-After."""
        super().__init__(cause, remedy)
        self.retry_after = retry_after


class Unavailable(Failure):
    """A part that this needs does not work just now (503)."""


# The first match counts; a plain Failure is something wrong with the request.
_STATUS: tuple[tuple[type[Failure], int], ...] = (
    (NotSignedIn, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Invalid, 422),
    (TooMany, 429),
    (Unavailable, 503),
    (Failure, 400),
)


def status_of(failure: Failure) -> int:
    """The HTTP status that ``failure`` is answered with."""
    return next(status for kind, status in _STATUS if isinstance(failure, kind))


def body_of(failure: Failure) -> dict[str, str]:
    """The JSON that ``failure`` is answered with: always all four parts."""
    return {
        "cause": failure.cause,
        "remedy": failure.remedy,
        "where": failure.where,
        "details": failure.details,
    }


def no_such(what: str, identifier: str) -> NotFound:
    """The one way to say that ``what`` called ``identifier`` does not exist."""
    return NotFound(
        f"There is no {what} {identifier!r}.", "It may have been removed; look at the list."
    )
