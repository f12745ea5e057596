"""Taking secrets out of what leaves the host: those that the document holds, and what looks so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from foundation.secret import MASK, Secret, redact
from host.document.model import HostDocument

_PRIVATE_KEY = re.compile(
    r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(-----END \1-----|\Z)", re.DOTALL
)
_NAMED = re.compile(
    r"""(?ix) (^|[\s"'_.\-\[{<,;/])  # the name of the value begins
    (?P<name>[\w.\-]*(?:passw(?:or)?d|passphrase|secret|psk|private[-_]key|token|community)(?:_in)?)
    (?P<mark>["']?\s*[=:]\s*["']?) (?P<value>[^\s"',;<>]+)"""
)
_HASH = re.compile(r"\$(?:y|gy|7|6|5|1|2[aby])\$[./A-Za-z0-9$=,]{20,}")
_IN_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s:@]*:[^/\s@]+@", re.IGNORECASE)
_SHORTEST = 4  # a shorter text would be masked all over the place


def secrets_of(document: HostDocument) -> tuple[Secret, ...]:
    """Every secret in ``document``."""
    return tuple(_secrets(document))


def _secrets(value: Any) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets(getattr(value, name))
    elif isinstance(value, dict):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _secrets(item)


def without_secrets(text: str, secrets: tuple[Secret, ...]) -> str:
    """``text`` without ``secrets``, and without what is named like one or has the form of one."""
    text = redact(text, [secret for secret in secrets if len(secret.reveal()) >= _SHORTEST])
    text = _PRIVATE_KEY.sub(MASK, text)
    text = _HASH.sub(MASK, text)
    text = _IN_URL.sub(rf"\g<scheme>{MASK}@", text)
    return _NAMED.sub(rf"\1\g<name>\g<mark>{MASK}", text)


def without_login(url: str) -> str:
    """A URL as it may be shown: without the name and password in it."""
    return re.sub(r"(?<=://)[^/@]*@", "", url)
