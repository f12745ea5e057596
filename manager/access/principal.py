"""Who acts."""

from __future__ import annotations

from dataclasses import dataclass

from manager.access.role import Role


@dataclass(frozen=True)
class Principal:
    """Somebody, or something, that is known and acts.

    ``source`` says how it is known: ``local`` (an administrator of the Manager itself),
    ``directory:ID``, ``token:NAME``, ``host:ID``, ``setup``, ``system``. ``address`` is where the
    request came from. ``account`` and ``session`` are identifiers, empty where there is none;
    ``person`` is by what a directory knows somebody, whatever they are called.
    """

    name: str
    role: Role
    source: str
    address: str = ""
    account: str = ""
    session: str = ""
    person: str = ""

    def may(self, roles: tuple[Role, ...]) -> bool:
        """Whether its role is among ``roles``; an administrator's always is."""
        return self.role is Role.ADMIN or self.role in roles


SYSTEM = Principal("system", Role.ADMIN, "system")


def unknown(name: str, address: str) -> Principal:
    """Somebody who tried to sign in as ``name``; for audit records only."""
    return Principal(name, Role.READ_ONLY, "unknown", address)
