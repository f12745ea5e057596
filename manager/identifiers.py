"""Identifiers of what the Manager keeps: short, typeable, sorted by the time they were made."""

from __future__ import annotations

import secrets
import time

# Crockford's base32 in lower case: no letter that is taken for a digit.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME_DIGITS, _RANDOM_DIGITS = 9, 11


def new_identifier() -> str:
    """20 characters: 45 bits of milliseconds since 1970, then 55 random bits.

    Those made later sort later, so that lists page by identifier alone.
    """
    return _base32(time.time_ns() // 1_000_000, _TIME_DIGITS) + _base32(
        secrets.randbits(5 * _RANDOM_DIGITS), _RANDOM_DIGITS
    )


def _base32(number: int, digits: int) -> str:
    text = ""
    for _ in range(digits):
        number, digit = divmod(number, 32)
        text = _ALPHABET[digit] + text
    return text
