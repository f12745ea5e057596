from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from foundation.failure import Failure
from foundation.secret import Secret
from manager.access.principal import Principal
from manager.access.role import Role
from manager.access.sessions import open_session
from manager.access.tables import SessionRow
from manager.audit.tables import AuditRow
from manager.directory.settings import DirectorySettings
from manager.directory.sign_in import name_in
from manager.directory.sign_in_sources import by_directories
from manager.directory.storing import source_of, stored_password
from manager.directory.tables import DirectoryRow
from manager.problems import Unavailable
from manager.services import Services
from tests.unit.manager_directory.conftest import Call

PASSWORD = "planted-bind-secret"
# Nothing listens there, so that whatever would ask the directory is told so at once.
SETTINGS: dict[str, Any] = {
    "name": "example.org",
    "kind": "openldap",
    "servers": ["localhost:1"],
    "bind_user": "cn=manager,dc=example,dc=org",
    "base": "dc=example,dc=org",
    "roles": [{"group": "cn=staff,dc=example,dc=org", "role": "operator"}],
}


def new(**others: Any) -> dict[str, Any]:
    return {"settings": {**SETTINGS, **others}, "bind_password": PASSWORD}


def made(call: Call, **others: Any) -> dict[str, Any]:
    answer = call("POST", "", new(**others))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_kept_and_told_without_the_password(call: Call, services: Services) -> None:
    directory = made(call)
    assert directory["settings"]["roles"] == [
        {"group": "cn=staff,dc=example,dc=org", "role": "operator", "group_id": ""}
    ]
    assert directory["servers"] == {"localhost:1": ""}
    answer = call("GET", f"/{directory['id']}")
    assert answer.json() == directory == call("GET", "").json()[0]
    assert PASSWORD not in answer.text
    assert stored_password(services, directory["id"]) == Secret(PASSWORD)


def test_the_password_is_nowhere_in_the_state(call: Call, services: Services) -> None:
    directory = made(call)
    call("PUT", f"/{directory['id']}", {**new(base="dc=org"), "version": 1})
    call("POST", f"/{directory['id']}/test", {})
    with services.database.reading() as session:
        records = [json.dumps(row.data) + row.text for row in session.scalars(select(AuditRow))]
    assert len(records) == 2 and not any(PASSWORD in text for text in records)
    for path in Path(services.settings.state).rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes()


def test_changing_keeps_the_password_unless_it_would_go_elsewhere(
    call: Call, services: Services
) -> None:
    directory = made(call)
    path = f"/{directory['id']}"
    changed = {**SETTINGS, "base": "ou=people,dc=example,dc=org"}
    answer = call("PUT", path, {"settings": changed, "version": 1})
    assert answer.status_code == 200 and answer.json()["version"] == 2
    assert stored_password(services, directory["id"]) == Secret(PASSWORD)
    for elsewhere in (
        {"servers": ["localhost:2"]},
        {"security": "starttls"},
        {"bind_user": "cn=other,dc=example,dc=org"},
    ):
        moved = {**changed, **elsewhere}
        answer = call("PUT", path, {"settings": moved, "version": 2})
        assert answer.status_code == 422 and answer.json()["where"] == "bind_password"
        trial = {"settings": moved, "directory": directory["id"]}
        assert call("POST", "/test", trial).status_code == 422
    with_password = {"settings": moved, "version": 2, "bind_password": "another"}
    assert call("PUT", path, with_password).status_code == 200
    assert stored_password(services, directory["id"]) == Secret("another")


def test_two_who_change_the_same(call: Call) -> None:
    directory = made(call)
    change = {**new(base="dc=org"), "version": directory["version"]}
    assert call("PUT", f"/{directory['id']}", change).status_code == 200
    answer = call("PUT", f"/{directory['id']}", change)
    assert answer.status_code == 409 and answer.json()["remedy"]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"base": "example.org"}, "settings.base"),
        ({"servers": []}, "settings.servers"),
        ({"security": "plain"}, "settings.security"),
        ({"roles": [{"group": "cn=a,dc=x", "role": "root"}]}, "settings.roles.0.role"),
        ({"password": "x"}, "settings.password"),
    ],
)
def test_wrong_settings_name_the_field(call: Call, wrong: dict[str, Any], where: str) -> None:
    answer = call("POST", "", new(**wrong))
    assert answer.status_code == 422 and answer.json()["where"] == where
    assert PASSWORD not in answer.text


def test_a_password_is_needed_and_a_name_is_used_once(call: Call) -> None:
    answer = call("POST", "", {"settings": SETTINGS})
    assert answer.status_code == 422 and answer.json()["where"] == "bind_password"
    answer = call("POST", "", {"settings": SETTINGS, "bind_password": ""})
    assert answer.status_code == 422
    made(call)
    answer = call("POST", "", new())
    assert answer.status_code == 409 and "called example.org" in answer.json()["cause"]


def test_order(call: Call) -> None:
    one, two = made(call), made(call, name="second")
    answer = call("PUT", "/order", {"order": [two["id"], one["id"]]})
    assert [each["id"] for each in answer.json()] == [two["id"], one["id"]]
    assert [each["id"] for each in call("GET", "").json()] == [two["id"], one["id"]]
    for wrong in ([one["id"]], [one["id"], one["id"]], [one["id"], two["id"], "x"]):
        assert call("PUT", "/order", {"order": wrong}).status_code == 422


def test_removing_signs_its_people_out(call: Call, services: Services) -> None:
    directory = made(call)
    somebody = Principal("alice", Role.OPERATOR, source_of(directory["id"]))
    with services.database.writing() as session:
        open_session(services, session, somebody, "test")
    assert call("DELETE", f"/{directory['id']}").status_code == 204
    assert call("GET", f"/{directory['id']}").status_code == 404
    with services.database.reading() as session:
        assert session.scalars(select(SessionRow).where(SessionRow.name == "alice")).all() == []


def test_disabling_signs_its_people_out(call: Call, services: Services) -> None:
    directory = made(call)
    somebody = Principal("alice", Role.OPERATOR, source_of(directory["id"]))
    with services.database.writing() as session:
        open_session(services, session, somebody, "test")
    change = {**new(enabled=False), "version": 1}
    assert call("PUT", f"/{directory['id']}", change).status_code == 200
    with services.database.reading() as session:
        assert session.scalars(select(SessionRow).where(SessionRow.name == "alice")).all() == []


def test_testing_tells_what_is_wrong_and_what_was_not_tried(call: Call) -> None:
    answer = call("POST", "/test", {**new(), "sample_user": "alice"})
    assert answer.status_code == 200
    assert answer.json()["state"] == "failed"
    checks = {check["name"]: check for check in answer.json()["checks"]}
    assert checks["name"]["state"] == "ok"
    assert checks["port"]["state"] == "failed" and checks["port"]["remedy"]
    assert {checks[name]["state"] for name in ("tls", "bind", "base", "user")} == {"skipped"}


def test_what_needs_the_directory_says_that_it_is_down(call: Call) -> None:
    answer = call("GET", f"/{made(call)['id']}/groups?text=st")
    assert answer.status_code == 503 and "refused" in answer.json()["cause"]


def test_kinds(call: Call) -> None:
    kinds = {each["kind"]: each for each in call("GET", "/kinds").json()}
    assert kinds["active-directory"]["user_attribute"] == "sAMAccountName"
    assert kinds["openldap"]["default_ports"] == {"ldaps": 636, "starttls": 389}


def test_who_may(call: Call) -> None:
    directory = made(call)
    assert call("GET", "", role=Role.AUDITOR).status_code == 200
    for role in (Role.OPERATOR, Role.READ_ONLY):
        assert call("GET", "", role=role).status_code == 403
    for role in (Role.OPERATOR, Role.READ_ONLY, Role.AUDITOR):
        assert call("POST", "", new(name="other"), role=role).status_code == 403
        assert call("POST", "/test", new(), role=role).status_code == 403
        assert call("DELETE", f"/{directory['id']}", role=role).status_code == 403
        assert call("GET", f"/{directory['id']}/groups", role=role).status_code == 403


@pytest.mark.parametrize(
    ("kind", "name", "asked"),
    [
        ("openldap", "alice", "alice"),
        ("openldap", "alice@example.org", "alice"),
        ("openldap", "alice@Example.ORG", "alice"),
        ("openldap", "alice@elsewhere.org", "alice@elsewhere.org"),
        ("openldap", "alice@other", None),
        ("openldap", "CORP\\alice", "CORP\\alice"),
        ("active-directory", "CORP\\alice", "CORP\\alice"),
        ("active-directory", "alice@example.org", "alice@example.org"),
        ("active-directory", "alice@other", None),
    ],
)
def test_which_directory_is_meant(kind: str, name: str, asked: str | None) -> None:
    settings = DirectorySettings.model_validate({**SETTINGS, "kind": kind})
    assert name_in(name, settings, {"example.org", "other"}) == asked


def test_a_secret_key_of_another_manager(call: Call, services: Services) -> None:
    directory = made(call)
    with services.database.writing() as session:
        row = session.get(DirectoryRow, directory["id"])
        assert row is not None
        row.bind_password = row.bind_password[:-1] + b"\0"
    assert call("GET", "").status_code == 200
    with pytest.raises(Failure, match="cannot be decrypted"):
        stored_password(services, directory["id"])
    with pytest.raises(Unavailable, match="cannot be asked"):
        by_directories(services, "alice", Secret("x"), "192.0.2.1")
