"""The real slapd: people with every fate, groups of every kind, and everything typed wrongly."""

from __future__ import annotations

import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from foundation.secret import Secret
from manager.directory.contents_examination import Sample
from manager.directory.examination import examine
from manager.directory.ldap_directory import LdapDirectory
from manager.directory.link import Link, open_link
from manager.directory.refusals import Reason, Refused, Unavailable
from manager.directory.settings import DirectorySettings, RoleMapping, Security
from manager.directory.signing_in import sign_in
from manager.directory.slots import AT_ONCE
from manager.directory.trust import trusting_context
from tests.integration.directory.slapd_lab import (
    BIG_GROUP,
    MANAGER,
    MANAGER_PASSWORD,
    PASSWORD,
    PEOPLE,
    SUFFIX,
    Slapd,
    dn_of,
    everybody,
    group_dn,
)
from tests.lab.certificate_authority import CertificateAuthority

DEADLINE = 180


def settings_for(server: Slapd, **others: Any) -> DirectorySettings:
    given = {
        "name": "example.org",
        "kind": "openldap",
        "servers": (server.ldaps,),
        "ca": server.authority.pem,
        "bind_user": MANAGER,
        "base": SUFFIX,
    }
    return DirectorySettings(**{**given, **others})


def directory(server: Slapd, **others: Any) -> LdapDirectory:
    return LdapDirectory(settings_for(server, **others), Secret(MANAGER_PASSWORD))


def refusal(server: Slapd, name: str, password: str = PASSWORD) -> Reason:
    with pytest.raises(Refused) as refused:
        directory(server).authenticate(name, Secret(password))
    return refused.value.reason


def groups(server: Slapd, name: str, **others: Any) -> list[str]:
    there = directory(server, **others)
    user = there.find_user(name)
    assert user is not None
    return [group.name for group in there.groups_of(user)]


@pytest.mark.parametrize("security", ["ldaps", "starttls"])
def test_signing_in(slapd: Slapd, security: Security) -> None:
    server = slapd.ldaps if security == "ldaps" else slapd.ldap
    user = directory(slapd, servers=(server,), security=security).authenticate(
        " Alice", Secret(PASSWORD)
    )
    assert (user.name, user.dn) == ("alice", dn_of("alice"))
    assert (user.full_name, user.mail) == ("Alice Example", "alice@example.org")
    assert len(user.id) == 36


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nobody-at-all", Reason.UNKNOWN_USER),
        ("*", Reason.UNKNOWN_USER),
        ("alice)(uid=*", Reason.UNKNOWN_USER),
        ("", Reason.UNKNOWN_USER),
        ("twin", Reason.AMBIGUOUS_USER),
        ("shut", Reason.LOCKED),
        ("late", Reason.PASSWORD_EXPIRED),
        ("fresh", Reason.MUST_CHANGE),
    ],
)
def test_people_who_may_not_sign_in(slapd: Slapd, name: str, reason: Reason) -> None:
    assert refusal(slapd, name) is reason


def test_a_wrong_password_and_an_unknown_name_read_the_same(slapd: Slapd) -> None:
    there = directory(slapd)
    with pytest.raises(Refused) as wrong:
        there.authenticate("bob", Secret("wrong"))
    with pytest.raises(Refused) as unknown:
        there.authenticate("nobody-at-all", Secret("wrong"))
    assert str(wrong.value) == str(unknown.value)
    assert (wrong.value.reason, unknown.value.reason) == (
        Reason.WRONG_PASSWORD,
        Reason.UNKNOWN_USER,
    )


def test_an_empty_password_asks_nobody(slapd: Slapd) -> None:
    assert refusal(slapd, "alice", "") is Reason.EMPTY_PASSWORD
    with opened(slapd) as link, pytest.raises(ValueError):
        link.bind(dn_of("alice"), Secret(""))


def test_too_many_wrong_passwords_lock(slapd: Slapd) -> None:
    for _ in range(3):
        assert refusal(slapd, "locked", "wrong") is Reason.WRONG_PASSWORD
    assert refusal(slapd, "locked") is Reason.LOCKED


def test_special_characters_in_name_and_filter(slapd: Slapd) -> None:
    user = directory(slapd).authenticate("odd*(name)\\", Secret(PASSWORD))
    assert user.name == "odd*(name)\\"
    assert groups(slapd, "odd*(name)\\") == ["engineering", "everyone", "staff"]


def test_nested_groups_and_those_that_contain_each_other(slapd: Slapd) -> None:
    expected = ["egg", "engineering", "everyone", "hen", "staff", "unique"]
    assert groups(slapd, "alice") == expected


def test_groups_that_name_people_by_their_short_names(slapd: Slapd) -> None:
    assert groups(slapd, "bob") == ["posix", "primary"]


def test_groups_by_member_of(slapd: Slapd) -> None:
    # slapd's overlay fills memberOf in when groups are changed, not when they are loaded.
    add = "dn: {}\nchangetype: modify\nadd: member\nmember: {}\n\n"
    slapd.modify(
        add.format(group_dn("staff"), dn_of("forgetful"))
        + f"dn: {group_dn('nested')}\nchangetype: add\nobjectClass: groupOfNames\n"
        f"member: {group_dn('staff')}\n\n"
    )
    assert groups(slapd, "forgetful", group_method="member-of") == ["nested", "staff"]
    slapd.modify(f"dn: {group_dn('nested')}\nchangetype: delete\n\n")


def test_a_big_group_and_the_one_above(slapd: Slapd) -> None:
    assert groups(slapd, f"user{BIG_GROUP - 1:04}") == ["above big", "big"]
    assert groups(slapd, f"user{BIG_GROUP:04}") == []


def opened(server: Slapd) -> Any:
    address = settings_for(server).addresses()[0]
    return open_link(address, "ldaps", trusting_context(server.authority.pem))


def test_more_people_than_the_server_gives_out_at_once(slapd: Slapd) -> None:
    link: Link
    with opened(slapd) as link:
        sign_in(link, MANAGER, Secret(MANAGER_PASSWORD))
        found = list(link.search(SUFFIX, "(uid=user*)", ["uid"]))
    assert len({entry.dn for entry in found}) == PEOPLE


def test_a_person_who_is_gone_has_no_groups(slapd: Slapd) -> None:
    slapd.modify(
        f"dn: {dn_of('leaver')}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: leaver\n"
        f"sn: x\nuserPassword: {PASSWORD}\n\n"
    )
    there = directory(slapd)
    user = there.authenticate("leaver", Secret(PASSWORD))
    slapd.modify(f"dn: {dn_of('leaver')}\nchangetype: delete\n\n")
    with pytest.raises(Refused) as refused:
        there.groups_of(user)
    assert refused.value.reason is Reason.UNKNOWN_USER


def test_a_renamed_person_keeps_the_id(slapd: Slapd) -> None:
    slapd.modify(
        f"dn: {dn_of('maiden')}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: maiden\n"
        f"sn: x\nuserPassword: {PASSWORD}\n\n"
    )
    there = directory(slapd)
    before = there.find_user("maiden")
    rename = f"dn: {dn_of('maiden')}\nchangetype: modrdn\nnewrdn: uid=married\ndeleteoldrdn: 1\n\n"
    slapd.modify(rename)
    after = there.find_user("married")
    slapd.modify(f"dn: {dn_of('married')}\nchangetype: delete\n\n")
    assert before and after and before.id == after.id and before.dn != after.dn


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"bind_user": f"cn=wrong,{SUFFIX}"}, "does not let the Manager's account"),
        ({"bind_user": "manager"}, "does not accept “manager” as an account's name"),
        ({"base": f"ou=wrong,{SUFFIX}"}, "nearest entry above it is “dc=example,dc=org”"),
        ({"base": "dc=other,dc=org"}, "no “dc=other,dc=org”"),
        ({"base": f"ou=elsewhere,{SUFFIX}"}, "it refers to ldap://elsewhere.example/"),
        ({"base": f"ou=hidden,{SUFFIX}"}, "no “ou=hidden"),
        ({"ca": CertificateAuthority("Other").pem}, "issued by “CN=Example Root”"),
        ({"servers": ("127.0.0.1:1",)}, "connection was refused"),
        ({"servers": ("no-such-host.invalid",)}, "does not resolve"),
    ],
)
def test_wrong_settings_say_what_is_wrong(slapd: Slapd, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(Unavailable) as failure:
        directory(slapd, **wrong).authenticate("alice", Secret(PASSWORD))
    assert said in failure.value.cause
    assert failure.value.remedy


def test_a_wrong_or_missing_password_of_the_account(slapd: Slapd) -> None:
    for password, said in (("wrong", "wrong password"), ("", "has no password here")):
        with pytest.raises(Unavailable, match=said):
            LdapDirectory(settings_for(slapd), Secret(password)).find_user("alice")


def test_plain_connections_are_never_made(slapd: Slapd) -> None:
    with pytest.raises(Unavailable, match=r"does not speak TLS|ended the connection"):
        directory(slapd, servers=(slapd.ldap,), security="ldaps").find_user("alice")
    with pytest.raises(Unavailable):
        directory(slapd, servers=(slapd.ldaps,), security="starttls").find_user("alice")


def test_a_server_without_starttls(tmp_path: Path, authority: CertificateAuthority) -> None:
    server = Slapd(tmp_path, authority)
    server.without_tls()
    server.load(everybody()[:2])
    server.start()
    try:
        with pytest.raises(Unavailable, match="offers no StartTLS"):
            directory(server, servers=(server.ldap,), security="starttls").find_user("alice")
    finally:
        server.end()


def checks_of(server: Slapd, sample: str = "", **others: Any) -> dict[str, tuple[str, str]]:
    """The worst state of each check, and its cause or value."""
    found: dict[str, tuple[str, str]] = {}
    for check in directory(server, **others).test(sample):
        if found.get(check.name, ("ok",))[0] in ("ok", "skipped"):
            found[check.name] = (check.state, check.cause or check.value)
    return found


def test_everything_is_well(slapd: Slapd) -> None:
    roles = (
        RoleMapping(group=group_dn("everyone"), role="operator"),
        RoleMapping(group=group_dn("big"), role="read-only"),
    )
    checks = checks_of(slapd, "alice", roles=roles)
    assert {state for state, _ in checks.values()} == {"ok"}
    assert "127.0.0.1" in checks["name"][1]
    assert "issued by CN=Example Root" in checks["tls"][1]
    assert f"{BIG_GROUP} direct members" in checks["mapping"][1]
    assert checks["groups"][1].startswith("6: egg, engineering")
    assert checks["role"][1] == "operator, by the group everyone"


@pytest.mark.parametrize(
    ("wrong", "failed", "said", "skipped"),
    [
        ({"servers": ("no-such-host.invalid",)}, "name", "does not resolve", "port tls bind base"),
        ({"servers": ("localhost:1",)}, "port", "refused", "tls bind base people user role"),
        ({"ca": CertificateAuthority("Other").pem}, "tls", "not the CA given", "bind base user"),
        ({"bind_user": f"cn=x,{SUFFIX}"}, "bind", "does not let", "base people user groups role"),
        ({"base": f"ou=x,{SUFFIX}"}, "base", "nearest entry", "people user groups role"),
        ({"user_filter": "(uid=x)"}, "people", "Nobody is found", ""),
        ({"user_attribute": "sn"}, "user", "Nobody signs in as “alice”", "groups role"),
        ({}, "role", "None of the person's groups has a role", ""),
        (
            {"roles": (RoleMapping(group=group_dn("x"), role="admin"),)},
            "mapping",
            "There is no group",
            "",
        ),
    ],
)
def test_the_examination_finds_what_is_wrong(
    slapd: Slapd, wrong: dict[str, Any], failed: str, said: str, skipped: str
) -> None:
    checks = checks_of(slapd, "alice", **wrong)
    assert checks[failed][0] == "failed" and said in checks[failed][1]
    assert {checks[name][0] for name in skipped.split()} <= {"skipped"}
    assert (
        list(checks)[: list(checks).index(failed)]
        == [name for name, (state, _) in checks.items() if state == "ok"][
            : list(checks).index(failed)
        ]
    )


def test_the_examination_looks_at_every_server_and_goes_on_with_one(slapd: Slapd) -> None:
    servers = ("localhost:1", slapd.ldaps)
    checks = list(directory(slapd, servers=servers).test("alice"))
    states = {(check.where, check.name): check.state for check in checks}
    assert states["localhost:1", "port"] == "failed"
    assert states["localhost:1", "bind"] == "skipped"
    assert states[slapd.ldaps, "bind"] == "ok"
    assert states["", "user"] == "ok"


@pytest.mark.parametrize(
    ("name", "password", "state", "said"),
    [
        ("alice", PASSWORD, "ok", ""),
        ("user0500", "wrong", "failed", "wrong password"),
        ("late", PASSWORD, "failed", "password expired"),
        ("shut", PASSWORD, "failed", "account locked"),
    ],
)
def test_the_examination_tries_a_password(
    slapd: Slapd, name: str, password: str, state: str, said: str
) -> None:
    sample = Sample(name, Secret(password))
    checks = {
        check.name: check
        for check in examine(settings_for(slapd), Secret(MANAGER_PASSWORD), sample)
    }
    assert checks["password"].state == state and said in checks["password"].cause
    assert bool(checks["password"].remedy) == (state == "failed")
    assert list(checks).index("user") < list(checks).index("password") < list(checks).index("role")


def test_no_secret_is_in_what_is_said(slapd: Slapd) -> None:
    said = []
    for wrong in ({}, {"bind_user": f"cn=x,{SUFFIX}"}, {"servers": ("localhost:1",)}):
        said += [repr(check) for check in directory(slapd, **wrong).test("alice")]
        try:
            directory(slapd, **wrong).authenticate("bob", Secret("planted-secret"))
        except (Refused, Unavailable) as failure:
            said.append(f"{failure!r} {failure.as_dict()}")
    assert not any(MANAGER_PASSWORD in text or "planted-secret" in text for text in said)


def test_a_server_that_dies_in_the_middle_of_a_search(
    doomed: Slapd, authority: CertificateAuthority, slapd: Slapd
) -> None:
    address = settings_for(doomed).addresses()[0]
    context: ssl.SSLContext = trusting_context(authority.pem)
    with open_link(address, "ldaps", context) as link:
        sign_in(link, MANAGER, Secret(MANAGER_PASSWORD))
        found = link.search(SUFFIX, "(uid=user*)", ["uid"])
        next(found)
        doomed.kill()
        with pytest.raises(Unavailable, match="ended the connection"):
            list(found)
    # And the directory goes on with the other one.
    both = directory(doomed, servers=(doomed.ldaps, slapd.ldaps))
    assert both.authenticate("alice", Secret(PASSWORD)).name == "alice"
    assert both.server_states()[doomed.ldaps] and not both.server_states()[slapd.ldaps]


def test_nobody_notices_a_server_that_dies_while_many_sign_in(doomed: Slapd, slapd: Slapd) -> None:
    both = directory(doomed, servers=(doomed.ldaps, slapd.ldaps))
    under_way = threading.Barrier(AT_ONCE + 1)

    def enter(first: int) -> list[str]:
        names = []
        for number in range(first, first + 20):
            names.append(both.authenticate(f"user{number:04}", Secret(PASSWORD)).name)
            if number == first:
                under_way.wait(DEADLINE)
        return names

    with ThreadPoolExecutor(AT_ONCE) as people:
        starts = [1000 + 20 * number for number in range(AT_ONCE)]
        entered = [people.submit(enter, start) for start in starts]
        under_way.wait(DEADLINE)
        doomed.kill()
        for start, names in zip(starts, entered, strict=True):
            assert names.result(DEADLINE) == [f"user{n:04}" for n in range(start, start + 20)]
    assert both.server_states()[doomed.ldaps] and not both.server_states()[slapd.ldaps]


def test_a_server_that_accepts_and_says_nothing_is_given_up(slapd: Slapd) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        servers = (f"localhost:{silent.getsockname()[1]}", slapd.ldaps)
        assert directory(slapd, servers=servers).find_user("alice") is not None
