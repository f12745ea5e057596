"""Passwords, checked by PAM as every log-in of this system checks them."""

from __future__ import annotations

import time
from pathlib import Path

from foundation.failure import Failure
from foundation.secret import Secret

_OWN_SERVICE = "flexvdi-config"
_COMMON_SERVICE = "login"
_DELAY = 2.0  # seconds, besides what PAM itself waits


def pam_service(directory: Path = Path("/etc/pam.d")) -> str:
    """The PAM service to ask: our own if the base has one, else that of console log-ins."""
    return _OWN_SERVICE if (directory / _OWN_SERVICE).exists() else _COMMON_SERVICE


def check_password(
    name: str, password: Secret, allowed: frozenset[str], service: str | None = None
) -> None:
    """Return if ``name`` may log in with ``password``; raise Failure after a delay otherwise.

    ``allowed`` are the users who may use flexVDI Config at all. The answer is the same for a
    wrong password and for a user who may not, so that it tells nothing about who exists.
    """
    import pamela

    service = service or pam_service()
    try:
        pamela.authenticate(name, password.reveal(), service=service, resetcred=0)
        if name in allowed:
            return
    except pamela.PAMError:
        pass  # what went wrong goes to PAM's own log; the person learns only that it did
    time.sleep(_DELAY)
    raise Failure(
        "That name and password are not right.",
        "Log in as root or as an administrator of this host.",
    )
