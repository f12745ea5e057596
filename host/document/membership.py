"""The platform that a host belongs to."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from foundation.failure import Failure
from foundation.joining import (
    AGENTS_PORT,
    HTTPS_PORT,
    ManagerAddress,
    bracketed,
    check_fingerprint,
    check_token,
)
from foundation.secret import Secret
from host.document.names import ServerName
from host.document.section import Section

# What an unattended installation leaves for the first boot, mode 0600: see join_token_text.
JOIN_TOKEN_FILE = "etc/flexvdi/agent/join-token"
_REPLACE = "replace"
Port = Annotated[int, Field(ge=1, le=65535)]


def join_token_text(token: Secret, *, replace: bool) -> str:
    """What is in :data:`JOIN_TOKEN_FILE`: the token, and on a line of its own ``replace``.

    That says that the host may take the place of the one that the platform knows by its identity
    or name, as after a reinstallation.
    """
    return f"{token.reveal()}\n" + (f"{_REPLACE}\n" if replace else "")


def read_join_token(text: str) -> tuple[Secret, bool]:
    """Token and ``replace`` of such a file; raises Failure for a damaged one."""
    token, _newline, rest = text.strip().partition("\n")
    return check_token(Secret(token)), rest.strip() == _REPLACE


def _fingerprint(text: str) -> str:
    try:
        return check_fingerprint(text)
    except Failure as failure:
        raise ValueError(failure.cause) from failure


# What is remembered of a Manager's places besides the first.
MOST_OTHERS = 8


class ManagerPlace(Section):
    """One place at which a Manager is reached: ``port`` is HTTPS's, ``agents_port`` the Agents'."""

    address: ServerName
    port: Port = HTTPS_PORT
    agents_port: Port = AGENTS_PORT

    def __str__(self) -> str:
        """Where the Agent dials."""
        return f"{bracketed(self.address)}:{self.agents_port}"


class Membership(ManagerPlace):
    """Where the platform's Manager is, and the SHA-256 fingerprint of the CA it is known by.

    It says where the Agent dials, and does not make the host a member: that takes a certificate,
    which ``flexvdi-config manager join`` gets. ``others`` are tried where the Manager is not
    reached at ``address``: what it has said of itself, and where it was before.
    """

    fingerprint: Annotated[str, AfterValidator(_fingerprint)]
    others: Annotated[tuple[ManagerPlace, ...], Field(max_length=MOST_OTHERS)] = ()

    @property
    def manager(self) -> ManagerAddress:
        """The same for those who join."""
        return ManagerAddress(self.address, self.port, self.fingerprint)

    @property
    def places(self) -> tuple[ManagerPlace, ...]:
        """All places, the one to dial first at the beginning."""
        first = ManagerPlace(address=self.address, port=self.port, agents_port=self.agents_port)
        return (first, *(place for place in self.others if place != first))

    def at(self, *places: ManagerPlace) -> Membership:
        """The same Manager at ``places``, in this order; what is too many falls off the end."""
        first, *others = dict.fromkeys(places)
        return Membership(
            **dict(first), fingerprint=self.fingerprint, others=tuple(others[:MOST_OTHERS])
        )

    def told(self, places: tuple[ManagerPlace, ...]) -> Membership:
        """After the Manager said that it is reached at ``places``; old ones are kept behind them.

        The first stays the first: whether another one can be reached from here nobody knows yet.
        """
        first, *known = self.places
        return self.at(first, *places, *known)
