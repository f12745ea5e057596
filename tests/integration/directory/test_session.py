"""Signing in over the Manager's API as somebody of a real slapd: one text for all strangers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from foundation.secret import Secret
from manager.access.principal import Principal
from manager.access.role import Role
from manager.application import create_application
from manager.audit.tables import AuditRow
from manager.directory.rechecking import recheck_people
from manager.directory.settings import DirectorySettings, RoleMapping
from manager.directory.storing import add_directory
from manager.events.tables import EventRow
from manager.figures import figures
from manager.services import Services, open_services
from manager.settings import Settings
from manager.tasks.inline import InlineEngine
from tests.integration.directory.slapd_lab import (
    MANAGER,
    MANAGER_PASSWORD,
    PASSWORD,
    SUFFIX,
    Slapd,
    group_dn,
)
from tests.integration.manager.serving import until

SignIn = Callable[[str, str], Any]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = open_services(Settings(state=tmp_path / "state"), InlineEngine())
    services.tasks.start(services)
    yield services
    services.database.close()


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    application = create_application(services, background=False)
    with TestClient(application, base_url="https://manager.test") as client:
        yield client


@pytest.fixture
def enter(client: TestClient) -> SignIn:
    return lambda name, password: client.post(
        "/api/v1/session", json={"name": name, "password": password}
    )


def keep(services: Services, server: Slapd) -> None:
    settings = DirectorySettings(
        name="example.org",
        kind="openldap",
        servers=(server.ldaps,),
        ca=server.authority.pem,
        bind_user=MANAGER,
        base=SUFFIX,
        roles=(RoleMapping(group=group_dn("everyone"), role="auditor"),),
    )
    administrator = Principal("admin", Role.ADMIN, "local")
    add_directory(services, settings, Secret(MANAGER_PASSWORD), administrator)


def reasons(services: Services) -> list[str]:
    with services.database.reading() as session:
        refused = select(AuditRow.text).where(AuditRow.result == "refused").order_by(AuditRow.id)
        return list(session.scalars(refused))


def test_a_session_with_the_groups_role(
    services: Services, slapd: Slapd, client: TestClient, enter: SignIn
) -> None:
    keep(services, slapd)
    answer = enter("alice@example.org", PASSWORD)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["name"], answer.json()["role"]) == ("alice", "auditor")
    assert client.get("/api/v1/directories").status_code == 200
    assert client.get("/api/v1/session").json()["source"].startswith("directory:")
    change = {"settings": {}, "bind_password": "x"}
    headers = {"X-CSRF-Token": answer.json()["csrf"]}
    assert client.post("/api/v1/directories", json=change, headers=headers).status_code == 403


def test_strangers_are_all_told_the_same(services: Services, slapd: Slapd, enter: SignIn) -> None:
    keep(services, slapd)
    answers = [
        enter("alice", "wrong"),
        enter("nobody-at-all", PASSWORD),
        enter("twin", PASSWORD),
        enter("shut", PASSWORD),
        enter("alice", ""),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert reasons(services) == [
        "wrong password",
        "unknown name",
        "several entries of that name",
        "account locked",
        "empty password",
    ]


@pytest.mark.parametrize(
    ("name", "told", "reason"),
    [
        ("late", "has expired", "password expired"),
        ("fresh", "changed first", "password must be changed"),
        ("bob", "in no group", "in no group that has a role"),
    ],
)
def test_who_has_the_right_password_is_told_what_to_do(
    services: Services, slapd: Slapd, enter: SignIn, name: str, told: str, reason: str
) -> None:
    keep(services, slapd)
    answer = enter(name, PASSWORD)
    assert answer.status_code == 401
    assert told in answer.json()["cause"] and answer.json()["remedy"]
    assert reasons(services) == [reason]


def test_guessing_has_to_wait(services: Services, slapd: Slapd, enter: SignIn) -> None:
    keep(services, slapd)
    statuses = [enter("nobody-at-all", "guess").status_code for _ in range(7)]
    assert statuses[0] == 401 and statuses[-1] == 429


def test_an_outage_tells_strangers_little_and_counts_as_no_guess(
    services: Services, doomed: Slapd, client: TestClient, enter: SignIn
) -> None:
    keep(services, doomed)
    doomed.kill()
    for _ in range(12):
        answer = enter("alice", PASSWORD)
        assert answer.status_code == 503
        assert doomed.ldaps not in answer.text and MANAGER not in answer.text
        assert MANAGER_PASSWORD not in answer.text
    assert "example.org cannot be asked" in " ".join(client.get("/health").json()["reasons"])
    states = [figure for figure in figures(services) if figure.name == "directory_server_up"]
    assert [figure.value for figure in states] == [0]
    with services.database.reading() as session:
        kinds = list(session.scalars(select(EventRow.kind)))
        texts = " ".join(session.scalars(select(EventRow.text)))
    assert kinds.count("directory.unavailable") == 1
    assert "The directory example.org cannot be asked" in texts
    # It comes back, and that is noticed though nobody signs in.
    doomed.start()
    until(lambda: is_well_after_a_round(services, client), "the end of the outage")
    assert enter("alice", PASSWORD).status_code == 201


def is_well_after_a_round(services: Services, client: TestClient) -> bool:
    recheck_people(services)
    return "example.org" not in " ".join(client.get("/health").json()["reasons"])
