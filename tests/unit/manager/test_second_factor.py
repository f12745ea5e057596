from __future__ import annotations

import pyotp
import pytest
from fastapi.testclient import TestClient

from .conftest import SETUP_PASSWORD, SteppingClock, another, sign_in


@pytest.fixture
def factor(admin: TestClient, clock: SteppingClock) -> tuple[pyotp.TOTP, list[str]]:
    """A confirmed second factor: the authenticator, and the recovery codes."""
    offered = admin.post("/api/v1/account/second-factor", json={"password": SETUP_PASSWORD})
    assert offered.status_code == 200, offered.text
    assert offered.json()["qr_svg"].startswith("<svg")
    authenticator = pyotp.parse_uri(offered.json()["uri"])
    assert isinstance(authenticator, pyotp.TOTP)
    confirmed = admin.post(
        "/api/v1/account/second-factor/confirm", json={"code": authenticator.at(clock())}
    )
    assert confirmed.status_code == 200, confirmed.text
    return authenticator, confirmed.json()["codes"]


def attempt(client: TestClient, code: str | None) -> tuple[int, str]:
    answer = another(client).post(
        "/api/v1/session", json={"name": "root", "password": SETUP_PASSWORD, "code": code}
    )
    return answer.status_code, answer.json().get("where", "")


def test_an_offer_that_was_not_confirmed_does_not_lock_out(admin: TestClient) -> None:
    admin.post("/api/v1/account/second-factor", json={"password": SETUP_PASSWORD})
    wrong = admin.post("/api/v1/account/second-factor/confirm", json={"code": "000000"})
    assert wrong.status_code == 422
    assert attempt(admin, None)[0] == 201


def test_the_code_is_asked_for_and_none_counts_twice(
    admin: TestClient, factor: tuple[pyotp.TOTP, list[str]], clock: SteppingClock
) -> None:
    authenticator, _ = factor
    assert attempt(admin, None) == (401, "code")
    # The code of the confirmation is spent.
    assert attempt(admin, authenticator.at(clock())) == (401, "code")
    clock.forward(seconds=60)
    code = authenticator.at(clock())
    assert attempt(admin, code)[0] == 201
    assert attempt(admin, code) == (401, "code")
    clock.forward(seconds=90)
    assert attempt(admin, authenticator.at(clock().timestamp() - 30))[0] == 201  # a slow clock


def test_recovery_codes_let_in_once(
    admin: TestClient, factor: tuple[pyotp.TOTP, list[str]]
) -> None:
    _, codes = factor
    assert len(set(codes)) == 10
    assert attempt(admin, codes[0].upper())[0] == 201
    assert attempt(admin, codes[0])[0] == 401
    assert attempt(admin, codes[1])[0] == 201
    assert admin.get("/api/v1/account").json()["recovery_codes_left"] == 8


def test_codes_cannot_be_guessed_by_showing_the_password_in_between(
    admin: TestClient, factor: tuple[pyotp.TOTP, list[str]]
) -> None:
    """The password alone is no success that would let the counting begin anew."""
    answers = []
    for _ in range(6):
        answers.append(attempt(admin, "000000")[0])
        answers.append(attempt(admin, None)[0])
    assert 429 in answers
    assert answers.count(401) <= 11


def test_somebody_who_lost_it_is_helped(
    admin: TestClient, factor: tuple[pyotp.TOTP, list[str]]
) -> None:
    own = admin.get("/api/v1/account").json()
    assert own["second_factor"] is True
    path = f"/api/v1/administrators/{own['id']}/second-factor/remove"
    assert admin.post(path).status_code == 204
    sign_in(admin, "root", SETUP_PASSWORD)


def test_removing_it_needs_the_password(
    admin: TestClient, factor: tuple[pyotp.TOTP, list[str]]
) -> None:
    path = "/api/v1/account/second-factor/remove"
    assert admin.post(path, json={"password": "wrong"}).status_code == 422
    assert admin.post(path, json={"password": SETUP_PASSWORD}).status_code == 204
    assert attempt(admin, None)[0] == 201
