"""What a directory's answer to a bind says about the account.

Active Directory and Samba put a Windows error number into the text (``data 52e``; winerror.h).
OpenLDAP and 389 Directory Server answer the password policy control
(draft-behera-ldap-password-policy-10, 6.2) when it was asked for; 389 and its older clients have
the controls of draft-vchu-ldap-pwd-policy-00, and the number 53 for inactivated accounts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from manager.directory.refusals import Reason
from manager.directory.results import (
    INVALID_CREDENTIALS,
    SUCCESS,
    UNWILLING_TO_PERFORM,
)

PASSWORD_POLICY_CONTROL = "1.3.6.1.4.1.42.2.27.8.5.1"
_EXPIRED_CONTROL = "2.16.840.1.113730.3.4.4"

_WINDOWS_DATA = re.compile(r"\bdata ([0-9a-f]+)\b", re.IGNORECASE)
_WINDOWS: dict[str, Reason] = {
    "525": Reason.UNKNOWN_USER,
    "52e": Reason.WRONG_PASSWORD,
    "52f": Reason.DISABLED,  # an account restriction that no other number names
    "530": Reason.NOT_NOW,
    "531": Reason.NOT_HERE,
    "532": Reason.PASSWORD_EXPIRED,
    "533": Reason.DISABLED,
    "701": Reason.ACCOUNT_EXPIRED,
    "773": Reason.MUST_CHANGE,
    "775": Reason.LOCKED,
}
_POLICY_ERRORS: dict[int, Reason] = {
    0: Reason.PASSWORD_EXPIRED,
    1: Reason.LOCKED,
    2: Reason.MUST_CHANGE,
}
_TEXTS: tuple[tuple[str, Reason], ...] = (
    ("account inactivated", Reason.DISABLED),
    ("exceed password retry limit", Reason.LOCKED),
    ("password expired", Reason.PASSWORD_EXPIRED),
    ("must change password", Reason.MUST_CHANGE),
)


def reason_of(result: Mapping[str, Any]) -> Reason | None:
    """Why the directory does not let the account in; None when it does.

    Raises ValueError when the answer says nothing about the account at all.
    """
    code = int(result["result"])
    policy = _policy_error(result.get("controls") or {}, code)
    if code == SUCCESS:
        # Right so far, but good for nothing else than changing the password.
        return policy if policy in (Reason.MUST_CHANGE, Reason.PASSWORD_EXPIRED) else None
    if code not in (INVALID_CREDENTIALS, UNWILLING_TO_PERFORM, 19):
        raise ValueError(f"result {code}")
    if policy is not None:
        return policy
    message = str(result.get("message") or "")
    data = _WINDOWS_DATA.search(message)
    if data:
        return _WINDOWS.get(data[1].lower(), Reason.WRONG_PASSWORD)
    for text, reason in _TEXTS:
        if text in message.lower():
            return reason
    return Reason.DISABLED if code == UNWILLING_TO_PERFORM else Reason.WRONG_PASSWORD


def _policy_error(controls: Mapping[str, Any], code: int) -> Reason | None:
    value = (controls.get(PASSWORD_POLICY_CONTROL) or {}).get("value")
    number = _error_number(value) if isinstance(value, bytes) else None
    if number is not None:
        return _POLICY_ERRORS.get(number)
    if _EXPIRED_CONTROL in controls:
        # Sent with success when the password was set by an administrator and is to be changed.
        return Reason.MUST_CHANGE if code == SUCCESS else Reason.PASSWORD_EXPIRED
    return None


def _error_number(value: bytes) -> int | None:
    """``error [1] ENUMERATED`` in the control's SEQUENCE, which may begin with ``warning [0]``.

    Both are short: each length fits in one byte.
    """
    position, end = 2, len(value)
    if not value.startswith(b"\x30"):
        return None
    while position + 1 < end:
        tag, length = value[position], value[position + 1]
        content = value[position + 2 : position + 2 + length]
        if tag == 0x81:
            return int.from_bytes(content, "big")
        position += 2 + length
    return None
