"""Accounts of a machine: passwd(5), shadow(5), group(5) and authorized_keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from foundation.secret import Secret


@dataclass(frozen=True)
class Account:
    """A person's account. ``password_hash`` None is a locked password.

    ``administrator`` says that the person belongs to the group that may become root. ``uid`` None
    leaves the number to the system.
    """

    name: str
    full_name: str = ""
    password_hash: Secret | None = None
    ssh_keys: tuple[str, ...] = ()
    administrator: bool = False
    uid: int | None = None


class Accounts(Protocol):
    """Looking at accounts, and making them as they should be."""

    def find(self, name: str) -> Account | None:
        """The account; None when there is none."""

    def put(self, account: Account) -> None:
        """Make or change the account so that it is as said."""

    def remove(self, name: str) -> None:
        """Remove the account and its sessions' right to come back; its home folder stays."""
