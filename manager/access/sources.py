"""Where people come from besides the Manager's own administrators: directories.

An area that knows people has a module ``sign_in_sources`` with ``SOURCES``: functions that are
asked in turn. Each answers None where the name is none of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from foundation.secret import Secret
from manager.access.principal import Principal
from manager.finding import area_modules
from manager.services import Services


@dataclass(frozen=True)
class NotLetIn:
    """Somebody who is known and not let in: ``reason`` is for the audit log alone.

    ``said`` and ``remedy`` may be told to them, and only where the password was right (expired,
    must be changed …); empty, they are told what everybody is told.
    """

    reason: str
    said: str = ""
    remedy: str = ""


# Given name, password and the address that it came from.
Source = Callable[[Services, str, Secret, str], Principal | NotLetIn | None]


# Given a principal and a password: whether it is theirs; None for somebody of another source.
Confirm = Callable[[Services, Principal, Secret], bool | None]


def is_password_of(services: Services, principal: Principal, password: Secret) -> bool:
    """Whether the source that knows ``principal`` accepts the password; may raise Unavailable.

    An area lists its functions for that as ``CONFIRMS``, beside its ``SOURCES``.
    """
    for module in area_modules("sign_in_sources"):
        confirms: tuple[Confirm, ...] = module.CONFIRMS
        for confirm in confirms:
            answer = confirm(services, principal, password)
            if answer is not None:
                return answer
    return False


def ask_sources(
    services: Services, name: str, password: Secret, address: str
) -> Principal | NotLetIn | None:
    """What the first source says that knows ``name``; it may raise Unavailable."""
    for module in area_modules("sign_in_sources"):
        sources: tuple[Source, ...] = module.SOURCES
        for source in sources:
            answer = source(services, name, password, address)
            if answer is not None:
                return answer
    return None
