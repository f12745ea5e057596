"""MembershipApi: the platform that this host belongs to, joining and leaving it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from foundation.joining import ManagerAddress
from foundation.secret import Secret
from host.audit import Actor

if TYPE_CHECKING:
    from host.document.membership import Membership

ConnectionState = Literal["connected", "connecting", "refused", "joining", "stopped"]


@dataclass(frozen=True)
class ManagerFound:
    """Who answers at an address, before anybody trusts it.

    ``clock_ahead`` is how far this host's clock is ahead of the Manager's, in seconds.
    """

    manager: ManagerAddress
    clock_ahead: float


@dataclass(frozen=True)
class JoinSecret:
    """What a host joins with: a ``token``, or an administrator's ``user`` and ``password``.

    ``code`` is the one-time code of an administrator who signs in with one.
    """

    token: Secret | None = None
    user: str | None = None
    password: Secret | None = None
    code: Secret | None = None


@dataclass(frozen=True)
class MembershipStatus:
    """The platform that the host belongs to, and how its Agent is doing.

    Times are in seconds since 1970. ``problem`` and ``remedy`` say why it is not connected.
    ``others`` are the addresses at which the Manager is tried besides.
    """

    manager: ManagerAddress
    agents_port: int
    host_id: str
    host_name: str
    joined: float
    who: str
    certificate_until: float | None
    state: ConnectionState
    since: float | None = None
    problem: str = ""
    remedy: str = ""
    others: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True)
class Joined:
    """The host is a member. ``missing_bridges`` are the platform's that this host has not."""

    status: MembershipStatus
    missing_bridges: tuple[str, ...]


class MembershipApi(Protocol):
    """The platform that this host belongs to."""

    def status(self) -> MembershipStatus | None:
        """Where the host belongs; None while it belongs to nobody. Quick."""

    def find(self, address: str, port: int) -> ManagerFound:
        """Who answers there, for a person to compare fingerprints; raises Failure."""

    def join(
        self, manager: ManagerAddress, secret: JoinSecret, actor: Actor, *, replace: bool = False
    ) -> Joined:
        """Become a member. Raises Failure, and then nothing has changed.

        ``replace`` says that a host of the same identity or name that is known there, and not
        connected, is this one after a reinstallation or is given up.
        """

    def set_address(self, address: str, port: int, actor: Actor) -> MembershipStatus:
        """The same Manager is reached at another address: dial it there first from now on.

        The host's certificate stays, and the addresses known before are kept behind the new one.
        Raises Failure when nobody answers there, or somebody who is not this platform's Manager.
        """

    def keep_places(self, membership: Membership, actor: Actor) -> bool:
        """Keep where the Manager is, as its Agent was told; False when that is known already."""

    def leave(self, actor: Actor, reason: str = "") -> bool:
        """Belong to nobody any more; guests go on as they are.

        Returns whether the Manager was told; else the host must be removed there too.
        """
