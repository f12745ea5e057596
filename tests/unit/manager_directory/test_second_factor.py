"""The second factor of people of a directory; the directory itself is played by one in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest
from fastapi.testclient import TestClient

from foundation.secret import Secret
from manager.access.preferences import SecondFactorPreferences
from manager.access.principal import Principal
from manager.access.role import Role
from manager.directory.live import LiveDirectories
from manager.directory.port import DirectoryGroup, DirectoryUser
from manager.directory.refusals import Reason, Refused
from manager.directory.settings import DirectorySettings
from manager.directory.storing import add_directory, remove_directory
from manager.preferences.storing import change_preference
from manager.services import Services
from tests.unit.manager.conftest import (
    SETUP_PASSWORD,
    SteppingClock,
    admin,
    another,
)

__all__ = ["admin"]

ROOT = Principal("root", Role.ADMIN, "local")
STAFF = "cn=staff,dc=example,dc=org"
ALICE = DirectoryUser("uuid-alice", "alice", "uid=alice", "Alice Example")


class Adapter:
    """What an LDAP directory answers (manager.directory.ldap_directory)."""

    def __init__(self, settings: DirectorySettings) -> None:
        self.settings = settings
        self.people = {"alice": (ALICE, "secret")}

    def authenticate(self, name: str, password: Secret) -> DirectoryUser:
        if name not in self.people:
            raise Refused(Reason.UNKNOWN_USER)
        user, right = self.people[name]
        if password.reveal() != right:
            raise Refused(Reason.WRONG_PASSWORD)
        return user

    def groups_of(self, _user: DirectoryUser) -> list[DirectoryGroup]:
        return [DirectoryGroup(id="uuid-staff", name="staff", dn=STAFF)]

    def forget(self, _user: DirectoryUser) -> None:
        return


@pytest.fixture
def directory(
    admin: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    settings = DirectorySettings.model_validate(
        {
            "name": "example.org",
            "kind": "openldap",
            "servers": ["ldap.example.org"],
            "bind_user": "cn=manager,dc=example,dc=org",
            "base": "dc=example,dc=org",
            "roles": [{"group": STAFF, "role": "operator"}],
        }
    )
    stored = add_directory(services, settings, Secret("bind"), ROOT)
    adapter = Adapter(settings)
    monkeypatch.setattr(LiveDirectories, "adapter", lambda _self, _stored: adapter)
    yield SimpleNamespace(id=stored.id, adapter=adapter)


def enter(client: TestClient, code: str | None = None, password: str = "secret") -> Any:
    client.cookies.clear()
    client.headers.pop("x-csrf-token", None)
    body = {"name": "alice", "password": password, "code": code}
    answer = client.post("/api/v1/session", json=body)
    if answer.status_code == 201:
        client.headers["x-csrf-token"] = answer.json()["csrf"]
    return answer


def require(services: Services, **who: bool) -> None:
    change_preference(services, SecondFactorPreferences(**who), ROOT)


def enrol(client: TestClient, clock: SteppingClock) -> tuple[pyotp.TOTP, list[str]]:
    offered = client.post("/api/v1/account/second-factor", json={"password": "secret"})
    assert offered.status_code == 200, offered.text
    authenticator = pyotp.parse_uri(offered.json()["uri"])
    assert isinstance(authenticator, pyotp.TOTP)
    body = {"code": authenticator.at(clock())}
    confirmed = client.post("/api/v1/account/second-factor/confirm", json=body)
    assert confirmed.status_code == 200, confirmed.text
    return authenticator, confirmed.json()["codes"]


def test_a_person_sets_one_up_and_is_asked_for_it(
    directory: Any, admin: TestClient, clock: SteppingClock
) -> None:
    person = another(admin)
    assert enter(person).json()["role"] == "operator"
    wrong = person.post("/api/v1/account/second-factor", json={"password": "guess"})
    assert wrong.status_code == 422 and wrong.json()["where"] == "password"
    authenticator, codes = enrol(person, clock)
    clock.forward(seconds=60)
    assert (enter(person).status_code, enter(person).json()["where"]) == (401, "code")
    assert enter(person, "000000").status_code == 401
    assert enter(person, authenticator.at(clock())).status_code == 201
    assert enter(person, authenticator.at(clock())).status_code == 401, "a code counts once"
    assert enter(person, codes[0]).status_code == 201
    assert enter(person, codes[0]).status_code == 401
    assert enter(person, codes[1]).status_code == 201
    shown = person.get("/api/v1/account/second-factor").json()
    assert shown == {"possible": True, "on": True, "required": False, "recovery_codes_left": 8}
    removed = person.post("/api/v1/account/second-factor/remove", json={"password": "secret"})
    assert removed.status_code == 204
    assert enter(person).status_code == 201


def test_who_must_have_one_can_do_nothing_else_before(
    directory: Any, admin: TestClient, services: Services, clock: SteppingClock
) -> None:
    person = another(admin)
    require(services, people_of_directories=True)
    assert enter(person).json()["must_add_second_factor"] is True
    refused = person.get("/api/v1/hosts")
    assert (refused.status_code, refused.json()["where"]) == (403, "second-factor")
    body = {"name": "around", "role": "read-only", "days": 1}
    assert person.post("/api/v1/tokens", json=body).status_code == 403
    form = {"token_name": "around", "role": "read-only", "days": "1"}
    page = person.post("/account/tokens", data=form, follow_redirects=False)
    assert page.headers["location"] == "/account", "no token is made on the page either"
    assert person.get("/", follow_redirects=False).headers["location"] == "/account"
    assert "You must have a second factor" in person.get("/account").text
    enrol(person, clock)
    assert person.get("/api/v1/hosts").status_code == 200
    kept = person.post("/api/v1/account/second-factor/remove", json={"password": "secret"})
    assert kept.status_code == 409
    assert admin.get("/api/v1/hosts").status_code == 200, "administrators are not meant"


def test_administrators_can_be_meant_too(admin: TestClient, services: Services) -> None:
    require(services, administrators=True)
    assert admin.get("/api/v1/hosts").status_code == 403
    offered = admin.post("/api/v1/account/second-factor", json={"password": SETUP_PASSWORD})
    assert offered.status_code == 200


def test_a_joining_host_needs_somebody_who_has_one(
    directory: Any, admin: TestClient, services: Services
) -> None:
    require(services, people_of_directories=True)
    body = {
        "protocol": "1.1",
        "agent_version": "1",
        "host_id": "x",
        "host_name": "n",
        "request": "r",
        "user": "alice",
        "password": "secret",
    }
    refused = another(admin).post("/api/v1/enrolment", json=body)
    assert refused.status_code == 403 and "second factor" in refused.json()["cause"]


def test_it_stays_with_the_person_whatever_they_are_called(
    directory: Any, admin: TestClient, clock: SteppingClock
) -> None:
    person = another(admin)
    enter(person)
    enrol(person, clock)
    renamed = replace(ALICE, name="alicia")
    directory.adapter.people = {"alice": (renamed, "secret")}
    assert enter(person).json()["where"] == "code"
    # Somebody else who is called alice now is not asked for hers.
    directory.adapter.people = {"alice": (replace(ALICE, id="uuid-other"), "secret")}
    assert enter(person).status_code == 201


def test_an_administrator_helps_who_has_lost_it(
    directory: Any, admin: TestClient, services: Services, clock: SteppingClock
) -> None:
    person = another(admin)
    enter(person)
    enrol(person, clock)
    (listed,) = admin.get("/api/v1/second-factors").json()["items"]
    assert listed["name"] == "alice" and listed["source"] == f"directory:{directory.id}"
    assert person.delete(f"/api/v1/second-factors/{listed['id']}").status_code == 403
    assert "Second factors of people" in admin.get("/administrators").text
    assert admin.delete(f"/api/v1/second-factors/{listed['id']}").status_code == 204
    assert person.get("/api/v1/session").status_code == 401, "signed out"
    assert enter(person).status_code == 201
    assert admin.delete(f"/api/v1/second-factors/{listed['id']}").status_code == 404


def test_codes_cannot_be_guessed(directory: Any, admin: TestClient, clock: SteppingClock) -> None:
    person = another(admin)
    enter(person)
    enrol(person, clock)
    answers = []
    for _ in range(6):
        answers.append(enter(person, "000000").status_code)
        answers.append(enter(person).status_code)
    assert 429 in answers


def test_it_goes_with_its_directory(
    directory: Any, admin: TestClient, services: Services, clock: SteppingClock
) -> None:
    person = another(admin)
    enter(person)
    enrol(person, clock)
    remove_directory(services, directory.id, ROOT)
    assert admin.get("/api/v1/second-factors").json()["items"] == []
