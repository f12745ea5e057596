"""Public SSH keys, as lines of authorized_keys (sshd(8)) without options."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

_KEY = re.compile(
    r"(?P<kind>ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)"
    r"|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)"
    r" (?P<blob>[A-Za-z0-9+/]+={0,3})(?: (?P<comment>[^\n]*))?"
)
_FORM = "paste one line as in ~/.ssh/id_ed25519.pub: ssh-ed25519 AAAA… name"
_WEAKEST_RSA = 2048


@dataclass(frozen=True)
class SshKey:
    """A public key: ``kind`` as in ``ssh-ed25519``, ``fingerprint`` as ``ssh-keygen -l`` tells."""

    kind: str
    fingerprint: str
    comment: str


def check_ssh_key(text: str) -> str:
    """A line that has the form of a public key; returned without surrounding space."""
    line = " ".join(text.split(maxsplit=2))
    if "PRIVATE KEY" in text:
        raise ValueError("this is a private key, which belongs nowhere but to its owner: " + _FORM)
    if not _KEY.fullmatch(line):
        raise ValueError("this is not a public SSH key: " + _FORM)
    return line


def check_whole_ssh_key(text: str) -> str:
    """As check_ssh_key, and all of the key is there, and strong enough to be let in with."""
    line = check_ssh_key(text)
    found = _KEY.fullmatch(line)
    assert found is not None
    kind = found["kind"]
    fields = _fields(found["blob"])
    if not fields or fields[0] != kind.encode() or len(fields) < 2:
        raise ValueError("a part of this key is missing: copy the whole line")
    if kind == "ssh-dss":
        raise ValueError("keys of the kind ssh-dss are no longer accepted by SSH servers")
    if kind == "ssh-rsa" and len(fields) == 3:
        bits = int.from_bytes(fields[2], "big").bit_length()
        if bits < _WEAKEST_RSA:
            raise ValueError(f"an RSA key of {bits} bits is too weak: make one with ssh-keygen")
    if kind == "ssh-ed25519" and len(fields[1]) != 32:
        raise ValueError("a part of this key is missing: copy the whole line")
    return line


def describe_ssh_key(line: str) -> SshKey:
    """What people compare of a key that check_ssh_key accepts."""
    found = _KEY.fullmatch(" ".join(line.split(maxsplit=2)))
    if found is None:
        return SshKey("unknown", "", line[:40])
    padded = found["blob"].rstrip("=")
    try:
        data = base64.b64decode(padded + "=" * (-len(padded) % 4))
    except binascii.Error:
        return SshKey(found["kind"], "", found["comment"] or "")
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return SshKey(found["kind"], f"SHA256:{digest}", found["comment"] or "")


def _fields(blob: str) -> list[bytes]:
    """The strings that a key is made of (RFC 4253, 6.6); none when it is cut off."""
    try:
        data = base64.b64decode(blob, validate=True)
    except binascii.Error:
        return []
    fields = []
    while data:
        if len(data) < 4:
            return []
        (length,) = struct.unpack(">I", data[:4])
        if len(data) < 4 + length:
            return []
        fields.append(data[4 : 4 + length])
        data = data[4 + length :]
    return fields


PublicKey = Annotated[str, AfterValidator(check_ssh_key)]
