from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.operation.search import parse_filter

from manager.directory.filters import all_of, any_of, dns_domain, equals, has_id, people_called
from manager.directory.presets import PRESETS, preset_of
from manager.directory.settings import DirectorySettings, Kind


def directory(kind: Kind = "active-directory", **others: object) -> DirectorySettings:
    return DirectorySettings.model_validate(
        {
            "name": "corp",
            "kind": kind,
            "servers": ["dc1"],
            "bind_user": "manager@corp.example",
            "base": "DC=corp,DC=example",
            **others,
        }
    )


def called(name: str, settings: DirectorySettings) -> tuple[str, ...]:
    return people_called(name, settings, preset_of(settings))


def test_windows_names() -> None:
    settings = directory()
    assert [one.partition("))(")[2] for one in called("alice", settings)] == [
        "sAMAccountName=alice))"
    ]
    assert "sAMAccountName=alice)" in called("CORP\\alice", settings)[0]
    first, second = called("alice@Corp.Example", settings)
    assert "userPrincipalName=alice@Corp.Example)" in first
    assert "sAMAccountName=alice)" in second
    assert len(called("alice@other.example", settings)) == 1


@pytest.mark.parametrize("name", ["", "  ", "a" * 257, "a\0b", "a\nb", "\\alice", "CORP\\"])
def test_what_can_be_nobody(name: str) -> None:
    assert called(name, directory()) == ()


def test_an_attribute_of_ones_own_replaces_the_kinds() -> None:
    (wanted,) = called("alice@x", directory(user_attribute="mail"))
    assert "(mail=alice@x)" in wanted and "sAMAccountName" not in wanted


@given(st.text(min_size=1), st.sampled_from(sorted(PRESETS)))
def test_no_name_changes_the_form_of_a_filter(name: str, kind: Kind) -> None:
    settings = directory(kind)
    for wanted, plain in zip(called(name, settings), called("x", settings), strict=False):
        assert wanted.count("(") == plain.count("(")
        assert wanted.count("*") == plain.count("*")
        parse_filter(wanted, None, True, False, None, False)


def test_filters_combine() -> None:
    assert any_of(["(a=1)", "(a=1)"]) == "(a=1)"
    assert any_of(["(a=1)", "(b=2)"]) == "(|(a=1)(b=2))"
    assert all_of("objectClass=person", "", "(a=1)") == "(&(objectClass=person)(a=1))"
    assert equals("cn", "a*(b)\\") == "(cn=a\\2a\\28b\\29\\5c)"


def test_stable_ids() -> None:
    guid = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
    wanted = has_id(PRESETS["active-directory"], str(guid))
    assert wanted.startswith("(objectGUID=\\33\\22\\11\\00\\55\\44")
    assert has_id(PRESETS["openldap"], "a*") == "(entryUUID=a\\2a)"
    with pytest.raises(ValueError):
        has_id(PRESETS["active-directory"], "alice")


def test_the_domain_of_a_base() -> None:
    assert dns_domain("OU=People, DC=Corp , DC=Example") == "corp.example"
    assert dns_domain("o=example") == ""
