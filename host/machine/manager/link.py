"""A Manager as seen from outside, before this host belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class ManagerHealth:
    """What a Manager says of itself at ``/health``; ``reasons`` say why it is not ``ok``.

    ``works`` tells that it does its work: one that is ``degraded`` may only have to say something.
    """

    status: Literal["ok", "starting", "degraded"]
    version: str
    setup_done: bool
    reasons: tuple[str, ...] = ()
    works: bool = True


class ManagerLink(Protocol):
    """The Manager's HTTPS port. Calls end within seconds where nobody listens, else in a minute."""

    def health(self, address: str, port: int, fingerprint: str) -> ManagerHealth | None:
        """Its health; None while nobody answers.

        ``fingerprint`` is the SHA-256 of its authority's certificate; raises Failure when whoever
        answers is somebody else.
        """
