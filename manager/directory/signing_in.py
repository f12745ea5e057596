"""Binding: as the Manager's own account, and as a person to see whether the password is right."""

from __future__ import annotations

from foundation.secret import Secret
from manager.directory.bind_answers import reason_of
from manager.directory.link import Link
from manager.directory.refusals import Reason, Unavailable


def sign_in(link: Link, user: str, password: Secret) -> None:
    """Bind as the Manager's own account; raises Unavailable when it is not let in."""
    where = link.where
    if not password:
        raise Unavailable(
            "The Manager's account has no password here.",
            "Enter it in the directory's settings. An empty one would sign nobody in.",
            where=where,
            retry=False,
        )
    reason = account_state(link, user, password)
    if reason is not None:
        said = _ACCOUNT_REMEDIES.get(reason, _WRONG_ACCOUNT)
        raise Unavailable(
            f"The directory does not let the Manager's account “{user}” in: {reason}.",
            said,
            where=where,
            retry=False,
        )


def account_state(link: Link, user: str, password: Secret) -> Reason | None:
    """Bind as ``user``; None when the directory accepts it, else why not."""
    result = link.bind(user, password)
    try:
        return reason_of(result)
    except ValueError:
        cause, remedy = _BINDS.get(int(result["result"]), _OTHER_BIND)
        raise Unavailable(
            cause.format(user=user, number=result["result"]),
            remedy,
            where=link.where,
            details=str(result.get("message") or ""),
            retry=int(result["result"]) in (51, 52),
        ) from None


_WRONG_ACCOUNT = (
    "Correct the account's name and password in the directory's settings. The name is a "
    "distinguished name, on Active Directory also user@domain or DOMAIN\\user."
)
_ACCOUNT_REMEDIES: dict[Reason, str] = {
    Reason.LOCKED: "Unlock it in the directory, and see what has been trying wrong passwords.",
    Reason.DISABLED: "Enable it in the directory.",
    Reason.ACCOUNT_EXPIRED: "Extend it in the directory; an account for services never expires.",
    Reason.PASSWORD_EXPIRED: "Set a new password in the directory and enter it here.",
    Reason.MUST_CHANGE: "Set a password in the directory that need not be changed, and enter it.",
    Reason.NOT_NOW: "Allow it all hours in the directory.",
    Reason.NOT_HERE: "Allow it to sign in from the Manager.",
}
_BINDS: dict[int, tuple[str, str]] = {
    34: (
        "The directory does not accept “{user}” as an account's name.",
        "Enter its distinguished name, as in cn=manager,ou=services,dc=example,dc=org.",
    ),
    32: (
        "The directory has no account “{user}”.",
        "Correct the name of the Manager's account in the directory's settings.",
    ),
    48: (
        "The account “{user}” cannot sign in with a password.",
        "Choose another account for the Manager, one that has a password.",
    ),
    51: ("The directory is too busy.", "Try again later."),
    52: ("The directory's server is shutting down or not ready.", "Try again later."),
}
_OTHER_BIND = (
    "The directory refuses the sign-in of “{user}” (result {number}).",
    "Look at the directory's log.",
)
