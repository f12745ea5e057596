"""What a directory does for the Manager, whatever kind it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from foundation.secret import Secret
from manager.directory.checks import Check


@dataclass(frozen=True)
class DirectoryUser:
    """A person as the directory knows them.

    ``id`` stays when the person is renamed; ``name`` is what they sign in with, ``dn`` where their
    entry was when it was read.
    """

    id: str
    name: str
    dn: str
    full_name: str = ""
    mail: str = ""


@dataclass(frozen=True)
class DirectoryGroup:
    """A group; ``id`` is empty when its entry could not be read and only its name is known."""

    id: str
    name: str
    dn: str


class Directory(Protocol):
    """One directory. Every call may raise :class:`~manager.directory.refusals.Unavailable`."""

    def authenticate(self, name: str, password: Secret) -> DirectoryUser:
        """The person, once the directory has accepted the password; raises Refused otherwise."""

    def find_user(self, name: str) -> DirectoryUser | None:
        """The person who signs in as ``name``; None when there is none."""

    def groups_of(self, user: DirectoryUser) -> tuple[DirectoryGroup, ...]:
        """Every group that ``user`` is in, directly or through other groups, by name."""

    def test(self, sample_user: str = "") -> Iterator[Check]:
        """Try everything in order, reading only; ``sample_user`` is looked for if given."""
