"""People of a real slapd signing in to a Manager, and what becomes of them afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from foundation.secret import Secret
from manager.access.api_tokens import create_token, find_token, find_tokens
from manager.access.principal import Principal
from manager.access.role import Role
from manager.access.sessions import find_session, open_session
from manager.directory.group_ids import with_group_ids
from manager.directory.rechecking import RECHECK, recheck_people
from manager.directory.refusals import Reason, Refused, Unavailable
from manager.directory.settings import DirectorySettings, RoleMapping
from manager.directory.sign_in import sign_in
from manager.directory.storing import StoredDirectory, add_directory, source_of
from manager.directory.tables import DirectoryPersonRow
from manager.events.tables import EventRow
from manager.problems import Forbidden
from manager.services import Services, open_services
from manager.settings import Settings
from manager.tasks.inline import InlineEngine
from tests.integration.directory.slapd_lab import (
    MANAGER,
    MANAGER_PASSWORD,
    PASSWORD,
    SUFFIX,
    Slapd,
    dn_of,
    group_dn,
)
from tests.integration.manager.conftest import database_url, postgresql
from tests.unit.manager.conftest import SteppingClock

__all__ = ["database_url", "postgresql"]  # fixtures
ADMINISTRATOR = Principal("admin", Role.ADMIN, "local")


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
def services(tmp_path: Path, clock: SteppingClock, database_url: str) -> Iterator[Services]:
    settings = Settings(state=tmp_path / "state", database=database_url)
    services = open_services(settings, InlineEngine(), clock=clock)
    yield services
    services.database.close()


def settings_for(server: Slapd, **others: Any) -> DirectorySettings:
    given = {
        "name": "example.org",
        "kind": "openldap",
        "servers": (server.ldaps,),
        "ca": server.authority.pem,
        "bind_user": MANAGER,
        "base": SUFFIX,
        "roles": (
            RoleMapping(group=group_dn("everyone"), role="read-only"),
            RoleMapping(group=group_dn("unique"), role="operator"),
        ),
    }
    return DirectorySettings(**{**given, **others})


def kept(services: Services, server: Slapd, **others: Any) -> StoredDirectory:
    password = Secret(MANAGER_PASSWORD)
    settings = with_group_ids(settings_for(server, **others), password)
    return add_directory(services, settings, password, ADMINISTRATOR)


def enter(services: Services, name: str, password: str = PASSWORD) -> Principal:
    return sign_in(services, name, Secret(password), "192.0.2.1")


def why_not(services: Services, name: str, password: str = PASSWORD) -> Reason:
    with pytest.raises(Refused) as refused:
        enter(services, name, password)
    return refused.value.reason


def test_the_highest_role_of_the_nested_groups(services: Services, slapd: Slapd) -> None:
    stored = kept(services, slapd)
    principal = enter(services, "Alice@example.org")
    assert (principal.name, principal.role) == ("alice", Role.OPERATOR)
    assert principal.source == source_of(stored.id) and principal.address == "192.0.2.1"
    assert all(mapping.group_id for mapping in stored.settings.roles)


def test_whoever_has_no_role_stays_out_and_is_told_so(services: Services, slapd: Slapd) -> None:
    kept(services, slapd)
    assert why_not(services, "bob") is Reason.NO_ROLE
    assert why_not(services, "bob", "wrong") is Reason.WRONG_PASSWORD


def test_directories_are_asked_in_their_order(services: Services, slapd: Slapd) -> None:
    nobody = f"ou=services,{SUFFIX}"
    kept(services, slapd, name="empty", base=nobody, group_base=f"ou=groups,{SUFFIX}")
    second = kept(services, slapd)
    assert enter(services, "alice").source == source_of(second.id)
    assert why_not(services, "alice@empty") is Reason.UNKNOWN_USER
    assert why_not(services, "nobody-at-all") is Reason.UNKNOWN_USER
    assert why_not(services, "alice", "wrong") is Reason.WRONG_PASSWORD


def test_a_directory_that_is_down_hides_no_other(services: Services, slapd: Slapd) -> None:
    kept(services, slapd, name="down", servers=("localhost:1",))
    kept(services, slapd)
    assert enter(services, "alice").name == "alice"
    with pytest.raises(Unavailable):
        enter(services, "nobody-at-all")
    with pytest.raises(Unavailable):
        enter(services, "alice@down")


def test_a_disabled_directory_lets_nobody_in(services: Services, slapd: Slapd) -> None:
    kept(services, slapd, enabled=False)
    assert why_not(services, "alice") is Reason.UNKNOWN_USER


def signed_in(services: Services, name: str) -> Secret:
    """The cookie of somebody who has just signed in."""
    principal = enter(services, name)
    with services.database.writing() as session:
        return open_session(services, session, principal, "test").cookie


def role_now(services: Services, cookie: Secret) -> Role | None:
    found = find_session(services, cookie, "192.0.2.1")
    return found.principal.role if found else None


def recheck(services: Services, clock: SteppingClock) -> None:
    clock.forward(seconds=RECHECK.total_seconds())
    recheck_people(services)


def add_person(slapd: Slapd, name: str, group: str) -> None:
    slapd.modify(
        f"dn: {dn_of(name)}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: {name}\n"
        f"sn: x\nuserPassword: {PASSWORD}\n\n"
        f"dn: {group_dn(group)}\nchangetype: modify\nadd: uniqueMember\n"
        f"uniqueMember: {dn_of(name)}\n\n"
    )


def leave(slapd: Slapd, name: str, group: str) -> None:
    slapd.modify(
        f"dn: {group_dn(group)}\nchangetype: modify\ndelete: uniqueMember\n"
        f"uniqueMember: {dn_of(name)}\n\n"
    )


def test_who_leaves_the_group_is_signed_out(
    services: Services, slapd: Slapd, clock: SteppingClock
) -> None:
    kept(services, slapd)
    add_person(slapd, "mover", "unique")
    cookie = signed_in(services, "mover")
    recheck(services, clock)
    assert role_now(services, cookie) is Role.OPERATOR
    leave(slapd, "mover", "unique")
    recheck_people(services)  # too early to be asked again
    assert role_now(services, cookie) is Role.OPERATOR
    recheck(services, clock)
    assert role_now(services, cookie) is None
    with services.database.reading() as session:
        texts = session.scalars(select(EventRow.text).where(EventRow.kind == "directory.sign-out"))
        assert "mover of the directory example.org was signed out" in next(iter(texts))
        assert session.scalars(select(DirectoryPersonRow)).all() == []
    slapd.modify(f"dn: {dn_of('mover')}\nchangetype: delete\n\n")


def token_of(services: Services, name: str) -> tuple[Secret, Principal]:
    principal = enter(services, name)
    return create_token(services, principal, "script", principal.role, 30)[1], principal


def test_tokens_end_and_shrink_with_their_maker(
    services: Services, slapd: Slapd, clock: SteppingClock
) -> None:
    kept(services, slapd)
    add_person(slapd, "maker", "unique")
    member = f"dn: {group_dn('everyone')}\nchangetype: modify\n{{}}: member\nmember: "
    slapd.modify(f"{member.format('add')}{dn_of('maker')}\n\n")
    token, maker = token_of(services, "maker")
    as_token = find_token(services, token, "192.0.2.1")
    assert as_token is not None and as_token.role is Role.OPERATOR
    with pytest.raises(Forbidden):
        create_token(services, as_token, "child", Role.OPERATOR, 30)
    namesake = Principal("maker", Role.OPERATOR, "local", account="x")
    assert find_tokens(services, namesake, size=10).items == []
    assert len(find_tokens(services, maker, size=10).items) == 1
    leave(slapd, "maker", "unique")
    recheck(services, clock)
    as_token = find_token(services, token, "192.0.2.1")
    assert as_token is not None and as_token.role is Role.READ_ONLY
    slapd.modify(f"{member.format('delete')}{dn_of('maker')}\n\n")
    recheck(services, clock)
    assert find_token(services, token, "192.0.2.1") is None
    slapd.modify(f"dn: {dn_of('maker')}\nchangetype: delete\n\n")


def test_another_role_counts_without_signing_in_anew(
    services: Services, slapd: Slapd, clock: SteppingClock
) -> None:
    kept(services, slapd)
    add_person(slapd, "riser", "unique")
    member = f"dn: {group_dn('everyone')}\nchangetype: modify\n{{}}: member\nmember: "
    slapd.modify(f"{member.format('add')}{dn_of('riser')}\n\n")
    cookie = signed_in(services, "riser")
    assert role_now(services, cookie) is Role.OPERATOR
    leave(slapd, "riser", "unique")
    recheck(services, clock)
    assert role_now(services, cookie) is Role.READ_ONLY
    slapd.modify(f"{member.format('delete')}{dn_of('riser')}\n\n")
    slapd.modify(f"dn: {dn_of('riser')}\nchangetype: delete\n\n")


def test_a_directory_that_is_down_throws_nobody_out(
    services: Services, doomed: Slapd, clock: SteppingClock
) -> None:
    kept(services, doomed)
    cookie = signed_in(services, "alice")
    doomed.kill()
    recheck(services, clock)
    assert role_now(services, cookie) is Role.OPERATOR


def test_a_new_person_of_an_old_name_is_another(
    services: Services, slapd: Slapd, clock: SteppingClock
) -> None:
    kept(services, slapd)
    add_person(slapd, "namesake", "unique")
    before = signed_in(services, "namesake")
    slapd.modify(f"dn: {dn_of('namesake')}\nchangetype: delete\n\n")
    leave(slapd, "namesake", "unique")
    add_person(slapd, "namesake", "unique")
    after = signed_in(services, "namesake")
    assert role_now(services, before) is None
    assert role_now(services, after) is Role.OPERATOR
    slapd.modify(f"dn: {dn_of('namesake')}\nchangetype: delete\n\n")
    leave(slapd, "namesake", "unique")
