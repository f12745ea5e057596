from __future__ import annotations

import pytest

from manager.directory.group_cache import GroupCache
from manager.directory.mapping import role_of
from manager.directory.port import DirectoryGroup
from manager.directory.settings import RoleMapping, RoleName

STAFF = DirectoryGroup("1", "staff", "cn=staff,dc=x")
BOSSES = DirectoryGroup("2", "bosses", "cn=bosses,dc=x")


def mapping(group: str, role: RoleName, group_id: str = "") -> RoleMapping:
    return RoleMapping(group=group, role=role, group_id=group_id)


@pytest.mark.parametrize("turned", [False, True])
def test_the_highest_role_counts_in_whatever_order(turned: bool) -> None:
    rows = [mapping("cn=staff,dc=x", "read-only"), mapping("CN=Bosses, dc=x", "operator")]
    given = role_of([STAFF, BOSSES], rows[::-1] if turned else rows)
    assert given == ("operator", BOSSES)


def test_no_group_no_role() -> None:
    assert role_of([], [mapping("cn=staff,dc=x", "admin")]) is None
    assert role_of([STAFF], [mapping("cn=bosses,dc=x", "admin")]) is None
    assert role_of([STAFF], []) is None


def test_a_renamed_group_keeps_its_role_and_its_successor_gets_none() -> None:
    rows = [mapping("cn=old name,dc=x", "auditor", "1")]
    assert role_of([STAFF], rows) == ("auditor", STAFF)
    successor = DirectoryGroup("9", "old name", "cn=old name,dc=x")
    assert role_of([successor], rows) is None


def test_groups_are_kept_for_their_time_and_the_oldest_goes() -> None:
    now = [0.0]
    cache = GroupCache(lifetime=300, most=2, clock=lambda: now[0])
    cache.put("a", (STAFF,))
    now[0] = 299
    assert cache.get("a") == (STAFF,)
    now[0] = 300
    assert cache.get("a") is None
    for name in "abc":
        cache.put(name, ())
    assert [cache.get(name) for name in "abc"] == [None, (), ()]
    cache.forget("c")
    assert cache.get("c") is None
