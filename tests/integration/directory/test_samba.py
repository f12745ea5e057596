"""A real Active Directory domain controller, Samba's: accounts, nested groups, many members."""

from __future__ import annotations

from typing import Any

import pytest

from foundation.secret import Secret
from manager.directory.ldap_directory import LdapDirectory
from manager.directory.link import open_link
from manager.directory.members import members_of
from manager.directory.refusals import Reason, Refused, Unavailable
from manager.directory.settings import DirectorySettings, RoleMapping
from manager.directory.signing_in import sign_in
from manager.directory.trust import trusting_context
from tests.integration.directory.samba_lab import (
    ADDRESS,
    BASE,
    BIG_GROUP,
    MANAGER,
    MANAGER_PASSWORD,
    PASSWORD,
    Samba,
)


def settings_for(samba: Samba, **others: Any) -> DirectorySettings:
    given = {
        "name": "corp.example",
        "kind": "active-directory",
        "servers": (ADDRESS,),
        "ca": samba.authority.pem,
        "bind_user": MANAGER,
        "base": BASE,
    }
    return DirectorySettings(**{**given, **others})


def directory(samba: Samba, **others: Any) -> LdapDirectory:
    return LdapDirectory(settings_for(samba, **others), Secret(MANAGER_PASSWORD))


@pytest.mark.parametrize("security", ["ldaps", "starttls"])
@pytest.mark.parametrize("name", ["alice", "Alice@corp.example", "CORP\\ALICE"])
def test_signing_in_by_each_form_of_a_name(samba: Samba, security: str, name: str) -> None:
    user = directory(samba, security=security).authenticate(name, Secret(PASSWORD))
    assert (user.name, user.full_name) == ("alice", "Alice Example")
    assert user.mail == "alice@corp.example"


@pytest.mark.parametrize("user", [MANAGER, "flexvdi-manager@corp.example", "CORP\\flexvdi-manager"])
def test_the_managers_account_may_be_written_in_each_form(samba: Samba, user: str) -> None:
    assert directory(samba, bind_user=user).find_user("alice") is not None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nobody-at-all", Reason.UNKNOWN_USER),
        ("OTHER\\nobody-at-all", Reason.UNKNOWN_USER),
        ("disabled", Reason.DISABLED),
        ("gone", Reason.ACCOUNT_EXPIRED),
        ("fresh", Reason.MUST_CHANGE),
        ("sleeper", Reason.NOT_NOW),
        ("elsewhere", Reason.NOT_HERE),
        ("late", Reason.PASSWORD_EXPIRED),
    ],
)
def test_people_who_may_not_sign_in(samba: Samba, name: str, reason: Reason) -> None:
    there = directory(samba)
    with pytest.raises(Refused) as refused:
        there.authenticate(name, Secret(PASSWORD))
    assert refused.value.reason is reason
    # With a wrong password strangers learn nothing of it.
    with pytest.raises(Refused) as wrong:
        there.authenticate(name, Secret("wrong"))
    with pytest.raises(Refused) as unknown:
        there.authenticate("nobody-at-all", Secret("wrong"))
    assert str(wrong.value) == str(unknown.value)


def test_a_locked_account_reads_as_a_wrong_password_and_is_audited_as_locked(samba: Samba) -> None:
    there = directory(samba)
    told = set()
    reasons = []
    for password in ("wrong", "wrong", "wrong", PASSWORD):
        with pytest.raises(Refused) as refused:
            there.authenticate("locked", Secret(password))
        told.add(str(refused.value))
        reasons.append(refused.value.reason)
    assert reasons == [Reason.WRONG_PASSWORD] * 3 + [Reason.LOCKED]
    assert len(told) == 1


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("", "Domain Users, engineering, everyone, mixed, staff, Users"),
        ("matching-rule", "Domain Users, engineering, everyone, mailing list, mixed, staff, Users"),
        ("member-of", "engineering, everyone, mailing list, mixed, staff"),
        ("walk", "engineering, everyone, mailing list, mixed, staff"),
    ],
)
def test_nested_groups_that_contain_each_other(samba: Samba, method: str, expected: str) -> None:
    there = directory(samba, group_method=method)
    user = there.find_user("alice")
    assert user is not None
    assert ", ".join(group.name for group in there.groups_of(user)) == expected


def test_special_characters_in_name_and_entry(samba: Samba) -> None:
    there = directory(samba, group_method="matching-rule")
    user = there.authenticate("odd (name)", Secret(PASSWORD))
    assert "staff" in [group.name for group in there.groups_of(user)]


def test_a_renamed_group_keeps_its_id(samba: Samba) -> None:
    there = directory(samba)
    dn = samba.add_group("before")
    before = there.find_group(dn)
    samba.rename(dn, "after")
    after = there.find_group(dn.replace("before", "after"))
    assert before and after and before.id == after.id
    assert there.find_group(dn) is None


def test_somebody_disabled_later_has_no_groups(samba: Samba) -> None:
    dn = samba.add_person("leaver")
    there = directory(samba)
    user = there.authenticate("leaver", Secret(PASSWORD))
    samba.change(dn, userAccountControl=514)
    with pytest.raises(Refused):
        there.groups_of(user)


@pytest.mark.parametrize("step", [None, 400])
def test_members_come_in_ranges(samba: Samba, step: int | None) -> None:
    address = settings_for(samba).addresses()[0]
    with open_link(address, "ldaps", trusting_context(samba.authority.pem)) as link:
        sign_in(link, MANAGER, Secret(MANAGER_PASSWORD))
        found = list(members_of(link, f"CN=big,OU=Many,{BASE}", "member", step))
    assert len(found) == len(set(found)) == BIG_GROUP


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"base": "DC=other,DC=example"}, r"DC=other,DC=example"),
        ({"base": f"OU=wrong,{BASE}"}, f"no “OU=wrong,{BASE}”"),
        ({"bind_user": "nobody@corp.example"}, "does not let the Manager's account"),
        ({"servers": ("127.77.0.99",)}, "refused"),
    ],
)
def test_wrong_settings_say_what_is_wrong(samba: Samba, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(Unavailable) as failure:
        directory(samba, **wrong).find_user("alice")
    assert said in failure.value.cause and failure.value.remedy


def test_the_examination(samba: Samba) -> None:
    roles = (
        RoleMapping(group=f"CN=everyone,CN=Users,{BASE}", role="operator"),
        RoleMapping(group=f"CN=big,OU=Many,{BASE}", role="read-only"),
    )
    checks = {check.name: check for check in directory(samba, roles=roles).test("alice")}
    assert {check.state for check in checks.values()} == {"ok"}
    assert "0 s apart" in checks["clock"].value or "1 s apart" in checks["clock"].value
    assert f"{BIG_GROUP} direct members" in checks["mapping"].value
    assert checks["role"].value == "operator, by the group everyone"


def test_the_examination_sees_a_disabled_account(samba: Samba) -> None:
    checks = {check.name: check for check in directory(samba).test("disabled")}
    assert checks["user"].state == "warning" and "disabled" in checks["user"].cause
