"""Directories as what people sign in by, besides the Manager's own administrators."""

from __future__ import annotations

from foundation.secret import Secret
from manager import problems
from manager.access.principal import Principal
from manager.access.sources import NotLetIn
from manager.directory.live import LiveDirectories
from manager.directory.refusals import Reason, Refused, Unavailable
from manager.directory.sign_in import sign_in
from manager.directory.storing import source_of
from manager.services import Services

# Of these a stranger would learn something, or the password was not looked at.
_NOT_TOLD = (
    Reason.EMPTY_PASSWORD,
    Reason.AMBIGUOUS_USER,
    Reason.WRONG_PASSWORD,
    Reason.LOCKED,
)


def by_directories(
    services: Services, name: str, password: Secret, address: str
) -> Principal | NotLetIn | None:
    """Ask the directories; None where none of them knows ``name``. May raise Unavailable."""
    try:
        return sign_in(services, name, password, address)
    except Refused as refused:
        if refused.reason is Reason.UNKNOWN_USER:
            return None
        if refused.reason in _NOT_TOLD:
            return NotLetIn(refused.reason.value)
        return NotLetIn(refused.reason.value, refused.cause, refused.remedy)
    except Unavailable as failure:
        raise _not_asked() from failure


def is_theirs(services: Services, principal: Principal, password: Secret) -> bool | None:
    """Whether the directory of ``principal`` knows the password as theirs."""
    live = services.part(LiveDirectories)
    for stored in live.enabled():
        if source_of(stored.id) == principal.source:
            try:
                user = live.adapter(stored).authenticate(principal.name, password)
            except Refused:
                return False
            except Unavailable as failure:
                raise _not_asked() from failure
            return user.id == principal.person
    return None


def _not_asked() -> problems.Unavailable:
    """Names of servers and accounts are not for strangers; an event tells the administrators."""
    return problems.Unavailable(
        "The directory that may know this name cannot be asked at present.",
        "Try again in a minute. An administrator of the Manager's own can sign in and sees the "
        "reason among the events.",
    )


SOURCES = (by_directories,)
CONFIRMS = (is_theirs,)
