"""Password hashes in crypt(5) form: making them, and telling whether a text is one.

The system's own libcrypt does the work (yescrypt with its default cost, as the distributions hash
since 2021), because Python's ``crypt`` module is gone from 3.13 on. Nothing passes through argv.
"""

from __future__ import annotations

import ctypes
import re

from foundation.failure import Failure
from foundation.secret import Secret

# libxcrypt's own name, and the one of builds that are compatible with the old glibc's.
_LIBRARIES = ("libcrypt.so.2", "libcrypt.so.1")
_PREFIX = b"$y$"
# crypt(5): the methods a current libcrypt verifies, with the length of their hashes.
_HASH = re.compile(
    r"\$y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{0,86}\$[./A-Za-z0-9]{43}"
    r"|\$gy\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{0,86}\$[./A-Za-z0-9]{43}"
    r"|\$6\$(rounds=\d{4,9}\$)?[^$:\n]{1,16}\$[./A-Za-z0-9]{86}"
    r"|\$5\$(rounds=\d{4,9}\$)?[^$:\n]{1,16}\$[./A-Za-z0-9]{43}"
    r"|\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}"
    r"|\$7\$[./A-Za-z0-9]{11,97}\$[./A-Za-z0-9]{43}"
)


def is_password_hash(text: str) -> bool:
    """Whether ``text`` is a crypt(5) hash of a method that is still considered strong enough."""
    return _HASH.fullmatch(text) is not None


def hash_password(password: Secret) -> Secret:
    """The yescrypt hash of ``password`` with a fresh salt; raises Failure without libcrypt."""
    library = _libcrypt()
    # crypt_gensalt(3): a zero count is the method's default cost, no bytes means the kernel's.
    setting = library.crypt_gensalt(_PREFIX, 0, None, 0)
    hashed = library.crypt(password.reveal().encode(), setting) if setting else None
    if not hashed or hashed.startswith(b"*"):
        raise Failure(
            "The password could not be hashed.",
            "Give a password without NUL characters and of at most 511 bytes.",
        )
    return Secret(hashed.decode("ascii"))


def password_matches(password: Secret, hashed: Secret) -> bool:
    """Whether ``hashed`` is a hash of ``password``."""
    found = _libcrypt().crypt(password.reveal().encode(), hashed.reveal().encode())
    return bool(found) and found.decode("ascii", "replace") == hashed.reveal()


def _libcrypt() -> ctypes.CDLL:
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
            generate = library.crypt_gensalt
        except (OSError, AttributeError):
            continue
        generate.restype = library.crypt.restype = ctypes.c_char_p
        generate.argtypes = [ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p, ctypes.c_int]
        library.crypt.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        return library
    raise Failure(
        "The libcrypt library is missing or too old to hash passwords.",
        "Install libxcrypt (the package libcrypt1 or libxcrypt).",
    )
