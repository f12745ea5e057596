"""Why a person may not sign in, and why a directory could not be asked.

What a person is told must not let strangers learn which names exist. A wrong password, an unknown
name, an ambiguous one and an account that is locked after too many attempts (which Active Directory
says whatever the password is) therefore get one text. What the directory says only after it has
accepted the password, the person is told plainly. The reason itself goes into the audit log.
"""

from __future__ import annotations

from enum import StrEnum

from manager import problems


class Reason(StrEnum):
    """What stands in the audit log."""

    EMPTY_PASSWORD = "empty password"
    UNKNOWN_USER = "unknown user"
    AMBIGUOUS_USER = "several entries of that name"
    WRONG_PASSWORD = "wrong password"
    LOCKED = "account locked"
    DISABLED = "account disabled"
    ACCOUNT_EXPIRED = "account expired"
    PASSWORD_EXPIRED = "password expired"
    MUST_CHANGE = "password must be changed"
    NOT_NOW = "outside of the allowed hours"
    NOT_HERE = "not allowed from this computer"
    NO_ROLE = "in no group that has a role"


_NOT_ACCEPTED = (
    "The name or the password is not right, or the account is locked.",
    "Type both again. After several wrong passwords a directory locks an account for a while; "
    "your administrator finds the reason in the audit log.",
)
_TOLD: dict[Reason, tuple[str, str]] = {
    Reason.DISABLED: (
        "This account is disabled in the directory.",
        "Ask the directory's administrator to enable it.",
    ),
    Reason.ACCOUNT_EXPIRED: (
        "This account has expired in the directory.",
        "Ask the directory's administrator to extend it.",
    ),
    Reason.PASSWORD_EXPIRED: (
        "The password of this account has expired.",
        "Change it on a computer of your organization, then sign in with the new one.",
    ),
    Reason.MUST_CHANGE: (
        "The directory wants the password of this account changed first.",
        "Change it on a computer of your organization, then sign in with the new one.",
    ),
    Reason.NOT_NOW: (
        "The directory does not let this account sign in at this time.",
        "Sign in within the allowed hours, or ask the directory's administrator.",
    ),
    Reason.NOT_HERE: (
        "The directory does not let this account sign in from the Manager.",
        "Ask the directory's administrator to allow it for this computer.",
    ),
    Reason.NO_ROLE: (
        "This account may not use the Manager: it is in no group that has a role here.",
        "Ask an administrator of the Manager, or the directory's for membership in such a group.",
    ),
}


class Refused(problems.NotSignedIn):
    """A person may not sign in; ``reason`` is for the audit log only."""

    def __init__(self, reason: Reason) -> None:
        """Tell the person what may be told."""
        super().__init__(*_TOLD.get(reason, _NOT_ACCEPTED))
        self.reason = reason


class Unavailable(problems.Unavailable):
    """The directory could not be asked: no server answers, none can be trusted, or it refuses us.

    Nothing has been learnt about the person. ``retry`` tells whether another server may do better;
    ``value`` is what was seen, such as the certificate that could not be trusted.
    """

    def __init__(
        self,
        cause: str,
        remedy: str,
        *,
        where: str = "",
        details: str = "",
        retry: bool = True,
        value: str = "",
    ) -> None:
        """Keep what a caller needs to go on."""
        super().__init__(cause, remedy, where=where, details=details)
        self.retry = retry
        self.value = value
