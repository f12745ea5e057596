"""Secrets at rest: encrypted by a key that lies beside the database, never inside of it.

AES-256-GCM with a random nonce; what a secret is for is authenticated too, so that one cannot be
put into another's place.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.secret import Secret

_KEY_BYTES, _NONCE_BYTES = 32, 12
_FORMAT = b"\x01"


class SecretBox:
    """Encrypts and decrypts with the Manager's secret key."""

    def __init__(self, key_file: Path) -> None:
        """Read the key, or make one; raises Failure where it is damaged."""
        if not key_file.exists():
            write_atomically(key_file, os.urandom(_KEY_BYTES), 0o600)
        key = key_file.read_bytes()
        if len(key) != _KEY_BYTES:
            raise Failure(
                f"The secret key {key_file} is damaged.",
                "Restore the Manager's state from a backup.",
            )
        self._cipher = AESGCM(key)

    def seal(self, secret: Secret, purpose: str) -> bytes:
        """Encrypt ``secret``; ``purpose`` (``directory:ID:bind``) must be the same for opening."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, secret.reveal().encode(), purpose.encode())
        return _FORMAT + nonce + sealed

    def open(self, sealed: bytes, purpose: str) -> Secret:
        """Decrypt; raises Failure where key or purpose are others, or the text was changed."""
        nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            if sealed[:1] != _FORMAT:
                raise InvalidTag
            return Secret(self._cipher.decrypt(nonce, text, purpose.encode()).decode())
        except (InvalidTag, ValueError) as error:
            raise Failure(
                "A stored secret cannot be decrypted; database and secret key do not match.",
                "Restore both from the same backup, or enter the secret again.",
                where=purpose,
            ) from error
