"""Joining a Manager that was deployed here, by the host's own membership."""

from __future__ import annotations

from foundation.joining import JoinString
from host.api.membership import JoinSecret, MembershipApi
from host.audit import Actor


class MembershipJoining:
    """See host.deployment.steps.Joining."""

    def __init__(self, membership: MembershipApi, actor: Actor) -> None:
        """``actor`` is who deploys."""
        self._membership = membership
        self._actor = actor

    def is_member(self, fingerprint: str) -> bool:
        """Whether the host belongs to this very platform."""
        status = self._membership.status()
        return status is not None and status.manager.fingerprint == fingerprint

    def join(self, wanted: JoinString) -> None:
        """With the token that the seed has told the Manager."""
        self._membership.join(wanted.manager, JoinSecret(token=wanted.token), self._actor)

    def follow(self, fingerprint: str, address: str, port: int) -> None:
        """Only this platform's; the address is looked at first."""
        if self.is_member(fingerprint):
            self._membership.set_address(address, port, self._actor)

    def leave(self, fingerprint: str) -> None:
        """Only this platform; another one is none of a deployment's business."""
        if self.is_member(fingerprint):
            self._membership.leave(self._actor, "Its Manager is rolled back.")
