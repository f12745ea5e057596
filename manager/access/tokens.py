"""Random secrets that are handed out once and kept as hashes."""

from __future__ import annotations

import hashlib
import secrets

from foundation.secret import Secret


def new_token(prefix: str = "") -> Secret:
    """256 random bits as text; ``prefix`` makes leaked ones recognisable to scanners."""
    return Secret(prefix + secrets.token_urlsafe(32))


def token_hash(token: Secret) -> str:
    """What is kept of a token. Its 256 bits need no slow hash."""
    return hashlib.sha256(token.reveal().encode()).hexdigest()
