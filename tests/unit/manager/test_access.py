"""Setup, signing in, roles, sessions, tokens: as a client sees them."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from foundation.secret import Secret
from manager.access.passwords import hash_password
from manager.access.setting_up import ensure_setup_secret, set_up_with_hash
from manager.access.tables import AdministratorRow, SessionRow
from manager.audit.tables import AuditRow
from manager.services import Services

from .conftest import SETUP_PASSWORD, SteppingClock, add_somebody, another, sign_in


def audit_of(services: Services, action: str) -> list[AuditRow]:
    with services.database.reading() as session:
        return list(session.scalars(select(AuditRow).where(AuditRow.action == action)))


def test_setup_needs_the_secret_and_works_once(client: TestClient, services: Services) -> None:
    secret = ensure_setup_secret(services)
    assert secret is not None
    body = {"secret": "wrong", "name": "root", "password": SETUP_PASSWORD}
    assert client.post("/api/v1/setup", json=body).status_code == 403
    body["secret"] = secret.reveal()
    assert client.post("/api/v1/setup", json={**body, "password": "short"}).status_code == 422
    assert client.post("/api/v1/setup", json=body).status_code == 201
    assert client.get("/health").json()["setup_done"] is True
    assert client.post("/api/v1/setup", json=body).status_code == 409
    assert not (services.settings.state / "setup-secret").exists()


def test_setup_from_a_hash_leaves_nothing_to_guess(client: TestClient, services: Services) -> None:
    hashed = Secret(hash_password(Secret("a password of a seed")))
    set_up_with_hash(services, "root", "", hashed)
    set_up_with_hash(services, "other", "", hashed)  # the second time changes nothing
    sign_in(client, "root", "a password of a seed")
    assert client.get("/api/v1/session").json()["role"] == "admin"


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "12 characters"),
        ("aaaaaaaaaaaaaaaa", "few different"),
        ("password1234", "password"),
        ("root-root-12", "name"),
        ("x" * 300, "more than"),
    ],
)
def test_bad_passwords_are_refused_with_a_reason(
    admin: TestClient, password: str, says: str
) -> None:
    body = {"name": "root2" if "root" not in password else "root-root", "role": "operator"}
    answer = admin.post("/api/v1/administrators", json={**body, "password": password})
    assert answer.status_code == 422
    assert says in answer.json()["cause"]
    assert password not in answer.text.replace("password", "", 1) or password in says


def test_unknown_name_wrong_password_and_disabled_look_the_same(
    admin: TestClient, services: Services
) -> None:
    _, identifier = add_somebody(admin, "maria", "operator")
    assert (
        admin.patch(f"/api/v1/administrators/{identifier}", json={"disabled": True}).status_code
        == 200
    )
    texts = set()
    for name, password in (
        ("nobody", SETUP_PASSWORD),
        ("root", "wrong password"),
        ("maria", SETUP_PASSWORD),
    ):
        answer = another(admin).post("/api/v1/session", json={"name": name, "password": password})
        assert answer.status_code == 401
        texts.add(answer.text)
    assert len(texts) == 1
    reasons = {row.text for row in audit_of(services, "session.sign-in") if row.text}
    assert reasons == {"unknown name", "wrong password", "the account is disabled"}


def test_guessing_has_to_wait_also_for_names_that_do_not_exist(
    admin: TestClient, clock: SteppingClock
) -> None:
    for name in ("root", "nobody"):
        client = another(admin)
        wrong = {"name": name, "password": "not it"}
        answers = [client.post("/api/v1/session", json=wrong).status_code for _ in range(6)]
        assert answers == [401] * 5 + [429]
        waiting = client.post("/api/v1/session", json=wrong)
        assert int(waiting.headers["retry-after"]) > 0
    # The right password does not help before the time is over, and does afterwards.
    right = {"name": "root", "password": SETUP_PASSWORD}
    assert another(admin).post("/api/v1/session", json=right).status_code == 429
    clock.forward(seconds=16)
    assert another(admin).post("/api/v1/session", json=right).status_code == 201
    # From then on the name starts anew.
    assert (
        another(admin).post("/api/v1/session", json={"name": "root", "password": "x"}).status_code
        == 401
    )


def test_one_address_cannot_try_many_names(admin: TestClient) -> None:
    client = another(admin)
    answers = [
        client.post("/api/v1/session", json={"name": f"name{number}", "password": "x"}).status_code
        for number in range(26)
    ]
    assert answers == [401] * 25 + [429]


def test_the_cookie_is_as_strict_as_cookies_get(admin: TestClient) -> None:
    answer = another(admin).post(
        "/api/v1/session", json={"name": "root", "password": SETUP_PASSWORD}
    )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-flexvdi-session=")
    for attribute in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie


def test_changes_need_the_anti_forgery_token(admin: TestClient) -> None:
    token = admin.headers.pop("x-csrf-token")
    assert admin.delete("/api/v1/session").status_code == 403
    admin.headers["x-csrf-token"] = token[:-1] + "x"
    assert admin.delete("/api/v1/session").status_code == 403
    assert admin.get("/api/v1/session").status_code == 200
    admin.headers["x-csrf-token"] = token
    assert admin.delete("/api/v1/session").status_code == 204
    assert admin.get("/api/v1/session").status_code == 401


def test_sessions_end_when_idle_and_in_any_case(admin: TestClient, clock: SteppingClock) -> None:
    clock.forward(minutes=29)
    assert admin.get("/api/v1/session").status_code == 200
    clock.forward(minutes=29)
    assert admin.get("/api/v1/session").status_code == 200
    clock.forward(minutes=31)
    assert admin.get("/api/v1/session").status_code == 401
    sign_in(admin, "root", SETUP_PASSWORD)
    for _ in range(12 * 3 + 1):
        clock.forward(minutes=20)
        last = admin.get("/api/v1/session").status_code
    assert last == 401


def test_sessions_are_listed_and_ended(admin: TestClient) -> None:
    theirs, _ = add_somebody(admin, "maria", "operator")
    assert [each["name"] for each in theirs.get("/api/v1/sessions").json()["items"]] == ["maria"]
    sessions = admin.get("/api/v1/sessions").json()["items"]
    assert {each["name"] for each in sessions} == {"root", "maria"}
    (own,) = [each["id"] for each in sessions if each["name"] == "root"]
    assert theirs.delete(f"/api/v1/sessions/{own}").status_code == 404
    (hers,) = [each["id"] for each in sessions if each["name"] == "maria"]
    assert admin.delete(f"/api/v1/sessions/{hers}").status_code == 204
    assert theirs.get("/api/v1/session").status_code == 401


def test_the_database_holds_no_cookie(admin: TestClient, services: Services) -> None:
    cookie = admin.cookies["__Host-flexvdi-session"]
    with services.database.reading() as session:
        (row,) = session.scalars(select(SessionRow)).all()
    assert cookie not in (row.token_hash, row.csrf)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("operator", {"see": 200, "audit": 403, "people": 403, "change": 403, "cancel": 404}),
        ("auditor", {"see": 200, "audit": 200, "people": 200, "change": 403, "cancel": 403}),
        ("read-only", {"see": 200, "audit": 403, "people": 403, "change": 403, "cancel": 403}),
    ],
)
def test_roles(admin: TestClient, role: str, may: dict[str, int]) -> None:
    theirs, identifier = add_somebody(admin, "maria", role)
    found = {
        "see": theirs.get("/api/v1/tasks").status_code,
        "audit": theirs.get("/api/v1/audit").status_code,
        "people": theirs.get("/api/v1/administrators").status_code,
        "change": theirs.patch(
            f"/api/v1/administrators/{identifier}", json={"role": "admin"}
        ).status_code,
        "cancel": theirs.post("/api/v1/tasks/none/cancel").status_code,
    }
    assert found == may


def test_somebody_is_always_left_who_may_do_everything(
    admin: TestClient, services: Services
) -> None:
    with services.database.reading() as session:
        own = session.scalars(select(AdministratorRow.id)).one()
    path = f"/api/v1/administrators/{own}"
    assert admin.patch(path, json={"disabled": True}).status_code == 409
    assert admin.patch(path, json={"role": "auditor"}).status_code == 409
    assert admin.delete(path).status_code == 409
    assert admin.get(path).json()["role"] == "admin"
    add_somebody(admin, "second", "admin")
    assert admin.patch(path, json={"role": "auditor"}).status_code == 200


def test_a_role_taken_away_counts_at_once(admin: TestClient) -> None:
    theirs, identifier = add_somebody(admin, "maria", "admin")
    assert theirs.get("/api/v1/audit").status_code == 200
    admin.patch(f"/api/v1/administrators/{identifier}", json={"role": "read-only"})
    assert theirs.get("/api/v1/audit").status_code == 403
    admin.delete(f"/api/v1/administrators/{identifier}")
    assert theirs.get("/api/v1/session").status_code == 401


def test_a_password_set_by_somebody_else_must_be_changed_first(admin: TestClient) -> None:
    theirs, identifier = add_somebody(admin, "maria", "operator")
    temporary = "temporary pass phrase"
    path = f"/api/v1/administrators/{identifier}/password"
    assert admin.post(path, json={"password": temporary}).status_code == 204
    assert theirs.get("/api/v1/tasks").status_code == 401  # her sessions ended
    sign_in(theirs, "maria", temporary)
    refused = theirs.get("/api/v1/tasks")
    assert (refused.status_code, refused.json()["where"]) == (403, "password")
    change = {"current": temporary, "new": "a pass phrase of her own"}
    assert (
        theirs.post("/api/v1/account/password", json={**change, "current": "x"}).status_code == 422
    )
    assert theirs.post("/api/v1/account/password", json=change).status_code == 204
    assert theirs.get("/api/v1/tasks").status_code == 200


def test_changing_the_password_ends_the_other_sessions(admin: TestClient) -> None:
    elsewhere = another(admin)
    sign_in(elsewhere, "root", SETUP_PASSWORD)
    change = {"current": SETUP_PASSWORD, "new": "another pass phrase"}
    assert admin.post("/api/v1/account/password", json=change).status_code == 204
    assert elsewhere.get("/api/v1/session").status_code == 401
    assert admin.get("/api/v1/session").status_code == 200


def test_tokens_act_with_their_role_until_they_end(
    admin: TestClient, services: Services, clock: SteppingClock
) -> None:
    made = admin.post("/api/v1/tokens", json={"name": "ci", "role": "operator", "days": 30})
    secret, identifier = made.json()["secret"], made.json()["token"]["id"]
    program = another(admin)
    program.headers["authorization"] = f"Bearer {secret}"
    assert program.get("/api/v1/tasks").status_code == 200
    assert program.get("/api/v1/audit").status_code == 403
    assert program.post("/api/v1/tasks/none/cancel").status_code == 404  # no CSRF for tokens
    assert secret not in admin.get("/api/v1/tokens").text
    assert program.get("/api/v1/session").json()["source"] == "token:ci"
    clock.forward(days=31)
    assert program.get("/api/v1/tasks").status_code == 401
    sign_in(admin, "root", SETUP_PASSWORD)
    assert admin.delete(f"/api/v1/tokens/{identifier}").status_code == 204


def test_nobody_hands_out_more_than_they_have(admin: TestClient) -> None:
    theirs, identifier = add_somebody(admin, "maria", "operator")
    for role in ("admin", "auditor"):
        answer = theirs.post("/api/v1/tokens", json={"name": "x", "role": role})
        assert (answer.status_code, answer.json()["where"]) == (403, "role")
    made = theirs.post("/api/v1/tokens", json={"name": "x", "role": "operator"})
    program = another(admin)
    program.headers["authorization"] = f"Bearer {made.json()['secret']}"
    assert program.post("/api/v1/tasks/none/cancel").status_code == 404
    # The maker's role goes, and with it the token's.
    admin.patch(f"/api/v1/administrators/{identifier}", json={"role": "read-only"})
    assert program.post("/api/v1/tasks/none/cancel").status_code == 403
    admin.patch(f"/api/v1/administrators/{identifier}", json={"disabled": True})
    assert program.get("/api/v1/tasks").status_code == 401
