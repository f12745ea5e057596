"""A Manager over HTTPS (host.machine.manager.link.ManagerLink).

Its certificate comes from its own authority, of which only the fingerprint is known. So the
authority's certificate is fetched first, from whoever answers, and counts only if its digest is the
one expected; everything else is asked over a connection that it vouches for.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import ssl
from typing import Any

from foundation.failure import Failure
from host.machine.manager.link import ManagerHealth

# Its system takes a connection at once or is not there; an emulated one may think for long.
_CONNECTED_WITHIN, _ANSWERED_WITHIN = 5.0, 30.0  # seconds
_LARGEST = 1 << 20


class _Connection(http.client.HTTPSConnection):
    """One that has more patience with what answers than with what does not."""

    def __init__(self, address: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(address, port, timeout=_CONNECTED_WITHIN, context=context)
        self._own_context = context

    def connect(self) -> None:
        """As its base does."""
        http.client.HTTPConnection.connect(self)
        self.sock.settimeout(_ANSWERED_WITHIN)
        self.sock = self._own_context.wrap_socket(self.sock, server_hostname=self.host)


class RealManagerLink:
    """http.client with a context of its own for each call."""

    def health(self, address: str, port: int, fingerprint: str) -> ManagerHealth | None:
        """``/api/v1/ca``, then ``/health``."""
        unverified = ssl.create_default_context()
        unverified.check_hostname = False
        unverified.verify_mode = ssl.CERT_NONE
        authority = _get(address, port, "/api/v1/ca", unverified)
        if authority is None:
            return None
        said = json.loads(_get(address, port, "/health", _trusting(authority, fingerprint)) or "{}")
        return _health(said)


def _trusting(authority: str, fingerprint: str) -> ssl.SSLContext:
    try:
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(authority.strip())).hexdigest()
    except ValueError as error:
        raise Failure(
            "What answers at the Manager's address is no Manager.", "See that the address is free."
        ) from error
    if digest != fingerprint:
        raise Failure(
            "Another Manager answers at this address: its fingerprint is not the expected one.",
            "See which machine has the address, and deploy with one that is free.",
            details=f"expected {fingerprint}\nfound    {digest}",
        )
    context = ssl.create_default_context(cadata=authority)
    context.check_hostname = False  # the name may not be in DNS; the authority is the Manager's own
    return context


def _get(address: str, port: int, path: str, context: ssl.SSLContext) -> str | None:
    """The answer; None while nobody answers, or the answer is that it is not ready."""
    connection = _Connection(address, port, context)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read(_LARGEST).decode(errors="replace")
    except ssl.SSLCertVerificationError as error:
        raise Failure(
            f"The Manager's certificate is not accepted: {error.verify_message}.",
            "See the clocks of this host and of the Manager: `flexvdi-config time show`.",
        ) from error
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return body if answer.status == 200 or path == "/health" else None


def _health(said: dict[str, Any]) -> ManagerHealth | None:
    status = said.get("status")
    if status not in ("ok", "starting", "degraded"):
        return None
    return ManagerHealth(
        status,
        str(said.get("version", "")),
        bool(said.get("setup_done")),
        tuple(str(reason) for reason in said.get("reasons", ())),
        works=status != "starting" and bool(said.get("working", status == "ok")),
    )
