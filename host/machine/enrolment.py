"""Asking a Manager to take this host in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from foundation.failure import Failure
from foundation.joining import EnrolmentAnswer, EnrolmentRequest, ManagerAddress


class NoAnswer(Failure):
    """The Manager cannot be reached, or was lost before it answered; trying again may help."""


class Refused(Failure):
    """The Manager said no. ``code`` is HTTP's status: 401 and 403 mean that the secret is bad."""

    def __init__(self, failure: Failure, code: int) -> None:
        """The Manager's own words."""
        super().__init__(
            failure.cause, failure.remedy, where=failure.where, details=failure.details
        )
        self.code = code

    @property
    def is_final(self) -> bool:
        """Whether the same request can only be refused again."""
        return self.code in (400, 401, 403, 422)


@dataclass(frozen=True)
class Authority:
    """Who answers at an address: its CA (PEM), and how far this host's clock is ahead (seconds)."""

    ca: str
    fingerprint: str
    clock_ahead: float


class EnrolmentLink(Protocol):
    """The Manager's HTTPS port, as a host uses it that wants to join."""

    def authority(self, address: str, port: int) -> Authority:
        """Who answers there, unverified; raises NoAnswer, or Failure when it is no Manager."""

    def enrol(self, manager: ManagerAddress, ca: str, request: EnrolmentRequest) -> EnrolmentAnswer:
        """Ask whoever ``ca`` vouches for; raises NoAnswer, or Refused with the Manager's words."""
