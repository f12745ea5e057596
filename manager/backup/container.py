"""The file that a backup is: a readable header, then a stream that may be encrypted.

    FLEXVDI-MANAGER-BACKUP\\n
    {header in JSON}\\n
    payload: gzip'ed tar, or the same in sealed chunks

Encrypted, the payload is a row of chunks, each AES-256-GCM with a counter as nonce, the header and
"is the last one" as associated data (the STREAM construction of Hoang, Reyhanitabar, Rogaway and
Vizár, 2015): chunks can be neither changed, swapped nor cut off. The key is derived from the
passphrase by scrypt (RFC 7914).
"""

from __future__ import annotations

import io
import json
import os
from datetime import datetime
from typing import IO, Any, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import BaseModel, ConfigDict, ValidationError

from foundation.failure import Failure
from foundation.secret import Secret

MAGIC = b"FLEXVDI-MANAGER-BACKUP\n"
FORMAT = 1
_CHUNK = 256 * 1024
_TAG = 16
_LONGEST_HEADER = 64 * 1024


class Derivation(BaseModel):
    """How the key comes from the passphrase: scrypt with these parameters, salt in hexadecimal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    salt: str
    n: Literal[32768] = 32768
    r: Literal[8] = 8
    p: Literal[1] = 1


class Header(BaseModel):
    """What can be read of a backup without its passphrase."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    manager_version: str
    created: datetime
    # Of the database's tables; a Manager that does not know them all is too old for the backup.
    revisions: list[str]
    # Of the CA: says which platform it is of.
    ca_fingerprint: str
    encryption: Derivation | None = None


def write_header(
    stream: IO[bytes], header: Header, passphrase: Secret | None
) -> tuple[Header, IO[bytes]]:
    """Write the header; what to write the payload to comes back, and must be closed."""
    if passphrase is not None:
        derivation = Derivation(salt=os.urandom(16).hex())
        header = header.model_copy(update={"encryption": derivation})
    line = header.model_dump_json().encode() + b"\n"
    stream.write(MAGIC + line)
    if passphrase is None:
        return header, stream
    assert header.encryption is not None
    key = _derive(header.encryption, passphrase)
    return header, io.BufferedWriter(_Sealing(stream, key, line), _CHUNK)


def read_header(stream: IO[bytes]) -> tuple[Header, bytes]:
    """The header and the line it is of; raises Failure for what is no backup, or too new."""
    if stream.read(len(MAGIC)) != MAGIC:
        raise Failure(
            "This file is no backup of a Manager.", "Give a file that `backup` has written."
        )
    line = stream.readline(_LONGEST_HEADER)
    try:
        known = int(json.loads(line)["format"])
        if known != FORMAT:
            raise Failure(
                f"This backup is of the format {known}; this Manager reads {FORMAT}.",
                "Restore it with a Manager of the version that wrote it, or a newer one.",
            )
        return Header.model_validate_json(line), line
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise damaged("its header cannot be read") from error


def open_payload(
    stream: IO[bytes], header: Header, line: bytes, passphrase: Secret | None
) -> IO[bytes]:
    """The payload in clear; raises Failure where a passphrase is missing."""
    if header.encryption is None:
        return stream
    if passphrase is None:
        raise Failure("This backup is encrypted.", "Give its passphrase with --passphrase-file.")
    key = _derive(header.encryption, passphrase)
    return io.BufferedReader(_Opening(stream, key, line), _CHUNK)


def damaged(why: str) -> Failure:
    """What is said of a file that is not whole."""
    return Failure(
        f"This backup is damaged: {why}.", "Take another copy of it. Nothing was changed."
    )


def _derive(derivation: Derivation, passphrase: Secret) -> bytes:
    scrypt = Scrypt(
        bytes.fromhex(derivation.salt), 32, n=derivation.n, r=derivation.r, p=derivation.p
    )
    return scrypt.derive(passphrase.reveal().encode())


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


class _Sealing(io.RawIOBase):
    """Encrypts what is written to it, a chunk at a time."""

    def __init__(self, stream: IO[bytes], key: bytes, header: bytes) -> None:
        self._stream, self._cipher, self._header = stream, AESGCM(key), header
        self._pending = bytearray()
        self._number = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pending += data
        while len(self._pending) > _CHUNK:  # the last chunk is held back: it is marked
            self._seal(_CHUNK, last=False)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._seal(len(self._pending), last=True)
        super().close()

    def _seal(self, size: int, *, last: bool) -> None:
        chunk = bytes(self._pending[:size])
        del self._pending[:size]
        nonce = _nonce(self._number, last=last)
        self._stream.write(self._cipher.encrypt(nonce, chunk, self._header))
        self._number += 1


class _Opening(io.RawIOBase):
    """Decrypts what is read from it; raises Failure for what was changed or cut off."""

    def __init__(self, stream: IO[bytes], key: bytes, header: bytes) -> None:
        self._stream, self._cipher, self._header = stream, AESGCM(key), header
        self._clear = b""
        self._number = 0
        self._next = stream.read(_CHUNK + _TAG)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._clear and self._next:
            sealed, self._next = self._next, self._stream.read(_CHUNK + _TAG)
            nonce = _nonce(self._number, last=not self._next)
            try:
                self._clear = self._cipher.decrypt(nonce, sealed, self._header)
            except InvalidTag:
                if self._number == 0:
                    raise Failure(
                        "The passphrase is not right, or the backup is damaged.",
                        "Give the passphrase it was made with. Nothing was changed.",
                    ) from None
                raise damaged("it was changed or cut off") from None
            self._number += 1
        size = min(len(buffer), len(self._clear))
        buffer[:size] = self._clear[:size]
        self._clear = self._clear[size:]
        return size
