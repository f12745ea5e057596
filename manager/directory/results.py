"""LDAP's result codes (RFC 4511, appendix A) in words, for what happens to a directory's reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manager.directory.refusals import Unavailable

SUCCESS = 0
SIZE_LIMIT_EXCEEDED = 4
STRONGER_AUTH_REQUIRED = 8
REFERRAL = 10
CONFIDENTIALITY_REQUIRED = 13
NO_SUCH_ATTRIBUTE = 16
NO_SUCH_OBJECT = 32
INVALID_DN_SYNTAX = 34
INAPPROPRIATE_AUTHENTICATION = 48
INVALID_CREDENTIALS = 49
INSUFFICIENT_ACCESS_RIGHTS = 50
BUSY = 51
UNAVAILABLE = 52
UNWILLING_TO_PERFORM = 53

# Another server may do better.
_PASSING = {3, BUSY, UNAVAILABLE, 80}

_SEARCHES: dict[int, tuple[str, str]] = {
    1: (
        "The directory refuses to search: {message}",
        "Active Directory does so when the account was not signed in: check the account's name.",
    ),
    3: ("The directory ran out of time while searching.", "Try again, or narrow the search base."),
    SIZE_LIMIT_EXCEEDED: (
        "The directory gives out fewer entries than there are (size limit).",
        "Raise the limit for the Manager's account, or allow it paged results.",
    ),
    11: (
        "The directory gives out fewer entries than there are (administrative limit).",
        "Raise the limit for the Manager's account, or index the attributes that are searched.",
    ),
    NO_SUCH_OBJECT: (
        "There is no “{base}” in the directory.{nearest}",
        "Correct the base; it is written as in dc=example,dc=org.",
    ),
    INVALID_DN_SYNTAX: (
        "The directory does not accept “{base}” as a distinguished name.",
        "Correct the base; it is written as in dc=example,dc=org.",
    ),
    INSUFFICIENT_ACCESS_RIGHTS: (
        "The Manager's account may not read “{base}”.",
        "Let it read people and groups below there.",
    ),
    BUSY: ("The directory is too busy.", "Try again later."),
    UNAVAILABLE: ("The directory's server is shutting down or not ready.", "Try again later."),
}


def search_failed(result: Mapping[str, Any], base: str, where: str) -> Unavailable:
    """What a search below ``base`` that ended with ``result`` means."""
    code = int(result["result"])
    message = str(result.get("message") or result.get("description") or "").strip()
    if code == REFERRAL:
        to = ", ".join(result.get("referrals") or ()) or "another server"
        return Unavailable(
            f"“{base}” is not kept by this server; it refers to {to}.",
            "Enter the server that keeps it, or a base that this server keeps. The Manager does "
            "not follow referrals, for they lead to servers that nobody has named.",
            where=where,
            retry=False,
        )
    nearest = f" The nearest entry above it is “{result['dn']}”." if result.get("dn") else ""
    cause, remedy = _SEARCHES.get(
        code, ("The directory refused the search: {message}", "Look at the directory's log.")
    )
    return Unavailable(
        cause.format(base=base, message=message or f"result {code}", nearest=nearest),
        remedy,
        where=where,
        details=message,
        retry=code in _PASSING,
    )
