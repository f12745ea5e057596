"""What the policy and common sense say against a new password."""

from __future__ import annotations

import pytest

from foundation.secret import Secret
from host.document.access import LONGEST_PASSWORD, PasswordPolicy
from host.passwords import password_problems


@pytest.mark.parametrize(
    "password", ["a long way to Tipperary", "Xk4!vbn2", "contraseña de montaña", "密码很长很长很长"]
)
def test_good_passwords(password: str) -> None:
    assert password_problems("ana", Secret(password), PasswordPolicy()) == ()


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "at least 8"),
        ("short1!", "at least 8"),
        ("password", "tried first"),
        ("Password123!", "tried first"),
        ("aaaaaaaaaaaa", "tried first"),
        ("12345678", "tried first"),
        ("abcdefgh", "tried first"),
        ("contraseña1", "tried first"),
        ("Maria-is-here", "user's name"),
        ("tab\tin the middle", "cannot be typed"),
        ("x" * LONGEST_PASSWORD + "yz", "longer than"),
        ("ñ" * 200 + "é" * 100, "longer than"),
    ],
)
def test_bad_passwords_and_why(password: str, why: str) -> None:
    problems = password_problems("maria", Secret(password), PasswordPolicy())
    assert any(why in problem for problem in problems)
    assert not password or all(password not in problem for problem in problems)


def test_the_policy_counts_characters_and_classes() -> None:
    strict = PasswordPolicy(minimum_length=12, minimum_classes=3)
    assert password_problems("ana", Secret("Tulips-in-march"), strict) == ()
    problems = password_problems("ana", Secret("tulipmarch"), strict)
    assert len(problems) == 2 and "12 characters" in problems[0] and "3 of" in problems[1]


def test_a_name_of_two_letters_may_be_in_a_password() -> None:
    assert password_problems("jo", Secret("major tom calls"), PasswordPolicy()) == ()
