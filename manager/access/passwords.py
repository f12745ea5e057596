"""Passwords of administrators: what they must be like, and their argon2id hashes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import Type

from foundation.failure import Failure
from foundation.secret import Secret
from manager.problems import Invalid, Unavailable

# RFC 9106's choice for a machine with little memory: 64 MiB, three passes.
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
# Each takes 64 MiB and a core while it runs; more at a time would starve the rest.
_AT_A_TIME = threading.BoundedSemaphore(2)
_PATIENCE_SECONDS = 10.0
_LONGEST = 256
# Of these every list of leaked passwords is full; what is long enough and still bad.
_BAD_PARTS = ("password", "123456", "qwerty", "contraseña", "flexvdi", "letmein", "administrator")


def check_new_password(password: Secret, name: str, least_length: int) -> None:
    """Raise Invalid unless ``password`` is good enough for the administrator ``name``."""
    text = password.reveal()
    if len(text) < least_length:
        raise _bad(f"The password has fewer than {least_length} characters.")
    if len(text) > _LONGEST:
        raise _bad(f"The password has more than {_LONGEST} characters.")
    if len(set(text)) < 5:
        raise _bad("The password consists of very few different characters.")
    plain = text.lower()
    if name.lower() in plain and len(text) < least_length + len(name):
        raise _bad("The password contains the name and little else.")
    for part in _BAD_PARTS:
        if part in plain and len(text) < least_length + len(part):
            raise _bad(f"The password is little more than {part!r}.")


def hash_password(password: Secret) -> str:
    """The argon2id hash of ``password``, in its usual text form."""
    with _my_turn():
        return _HASHER.hash(password.reveal())


def password_matches(hashed: str | None, password: Secret) -> bool:
    """Whether ``hashed`` is of ``password``; takes as long where there is no hash (None)."""
    with _my_turn():
        try:
            return _HASHER.verify(hashed or _NOBODYS, password.reveal()) and hashed is not None
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError):
            return False


@contextmanager
def _my_turn() -> Iterator[None]:
    if not _AT_A_TIME.acquire(timeout=_PATIENCE_SECONDS):
        raise Unavailable("Too many people sign in at this moment.", "Try again in a few seconds.")
    try:
        yield
    finally:
        _AT_A_TIME.release()


def is_outdated(hashed: str) -> bool:
    """Whether ``hashed`` was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(hashed)


def check_hash(hashed: str) -> str:
    """``hashed``, if it is an argon2id hash that can be verified here; raises Failure."""
    try:
        parameters = extract_parameters(hashed.strip())
    except InvalidHashError as error:
        raise _bad_hash("is none of argon2") from error
    if parameters.type is not Type.ID or parameters.memory_cost > 1024 * 1024:
        raise _bad_hash("is not of argon2id, or takes more than 1 GiB to verify")
    return hashed.strip()


def _bad(cause: str) -> Invalid:
    return Invalid(
        cause, "Choose another; several words in a row are long and easy.", where="password"
    )


def _bad_hash(why: str) -> Failure:
    return Failure(
        f"The password hash {why}.", "Make one with `argon2 SALT -id -e` and give all of its line."
    )


_NOBODYS = _HASHER.hash("nobody's password, so that unknown names take as long as known ones")
