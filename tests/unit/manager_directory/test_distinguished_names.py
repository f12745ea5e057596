from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.utils.dn import escape_rdn

from manager.directory.distinguished_name import (
    first_value,
    is_below,
    parts_of,
    same_name,
)

VALUES = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1).filter(str.strip)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cn=Staff,dc=example,dc=org", "CN=staff, DC=Example, dc=ORG"),
        ("cn=a\\,b,dc=x", "cn=a\\2Cb,dc=x"),
        ("cn=a\\+b,dc=x", 'cn="a+b",dc=x'),
        ("cn=a+uid=1,dc=x", "uid=1+cn=a,dc=x"),
        ("cn=Jos\\C3\\A9,dc=x", "cn=José,dc=x"),
        ("cn=two  blanks,dc=x", "cn=two blanks,dc=x"),
        ("cn=a\\ ,dc=x", "cn=a\\20,dc=x"),
    ],
)
def test_ways_of_writing_one_name(one: str, other: str) -> None:
    assert same_name(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cn=a,dc=x", "cn=b,dc=x"),
        ("cn=a,dc=x", "uid=a,dc=x"),
        ("cn=a\\,dc=x", "cn=a,dc=x"),
        ("nonsense", "nonsense"),
        ("cn=a\\ ,dc=x", "cn=a,dc=x"),
    ],
)
def test_other_names(one: str, other: str) -> None:
    assert not same_name(one, other)


@pytest.mark.parametrize("text", ["example", "=x", "cn=a,,dc=x", "cn=a,dc", "c n=a"])
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(ValueError, match="no part of a distinguished name"):
        parts_of(text)


def test_below() -> None:
    assert is_below("cn=a,ou=b,dc=x", "OU=b,DC=x")
    assert is_below("ou=b,dc=x", "ou=b,dc=x")
    assert not is_below("dc=x", "ou=b,dc=x")
    assert not is_below("cn=a,ou=c,dc=x", "ou=b,dc=x")


@given(VALUES)
def test_an_escaped_value_is_one_part_and_reads_back(value: str) -> None:
    name = f"cn={escape_rdn(value)},dc=x"
    assert len(parts_of(name)) == 2
    assert first_value(name) == value
