"""What a new password must be: the document's policy, and what no policy may allow."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from foundation.secret import Secret
from host.document.access import LONGEST_PASSWORD, PasswordPolicy

_CLASSES: tuple[Callable[[str], bool], ...] = (
    str.islower,
    str.isupper,
    str.isdigit,
    lambda sign: not (sign.islower() or sign.isupper() or sign.isdigit()),
)
# What guessing begins with, whatever digits and signs stand around it.
_BEST_KNOWN = frozenset(
    (
        *("password", "passwort", "contraseña", "qwerty", "qwertz", "admin", "administrator"),
        *("root", "letmein", "welcome", "changeme", "secret", "flexvdi", "abcdef", "iloveyou"),
    )
)
_SHORTEST_NAME = 3  # a name of two letters is in too many good passwords


def password_problems(name: str, password: Secret, policy: PasswordPolicy) -> tuple[str, ...]:
    """What speaks against ``password`` for the user ``name``, in sentences; none is good."""
    text = password.reveal()
    problems = []
    if len(text) < policy.minimum_length:
        problems.append(f"It needs at least {policy.minimum_length} characters.")
    classes = sum(any(map(belongs, text)) for belongs in _CLASSES)
    if classes < policy.minimum_classes:
        problems.append(
            f"It needs {policy.minimum_classes} of: lower case, upper case, digits, other signs."
        )
    if len(text.encode()) > LONGEST_PASSWORD:
        problems.append(f"It is longer than {LONGEST_PASSWORD} bytes.")
    if not text.isprintable():
        problems.append("It has signs that cannot be typed.")
    if len(name) >= _SHORTEST_NAME and name.lower() in text.lower():
        problems.append("It holds the user's name.")
    core = text.lower().strip("0123456789!?.,-_#*$ ")
    if core in _BEST_KNOWN or (text and len(set(text)) == 1) or _counts(text):
        problems.append("It is one of those that are tried first.")
    return tuple(problems)


def _counts(text: str) -> bool:
    """Whether each character follows the one before, as in 12345678."""
    return len(text) > 1 and all(ord(b) - ord(a) == 1 for a, b in pairwise(text))
