from __future__ import annotations

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from foundation.failure import Failure
from manager.access.requires import current_principal
from manager.application import create_application
from manager.problems import Conflict, TooMany
from manager.protecting import LARGEST_BODY
from manager.services import Services

# Routes that anybody may use, and why.
OPEN_TO_EVERYBODY = {
    ("GET", "/health"): "deployers and load balancers",
    ("GET", "/api/v1/ca"): "fingerprints are compared before anything is trusted",
    ("GET", "/api/v1/ca/fingerprint"): "as above",
    ("POST", "/api/v1/setup"): "guarded by the one-time setup secret",
    ("POST", "/api/v1/session"): "signing in",
    ("POST", "/api/v1/enrolment"): "a host has nothing yet but its token",
}


def api_routes(services: Services) -> list[APIRoute]:
    from manager.finding import modules_in

    return [
        route
        for module in modules_in("manager.api")
        if hasattr(module, "ROUTER")
        for route in module.ROUTER.routes
        if isinstance(route, APIRoute)
    ]


def asks_who(route: APIRoute) -> bool:
    waiting = list(route.dependant.dependencies)
    while waiting:
        dependant = waiting.pop()
        if dependant.call is current_principal:
            return True
        waiting += dependant.dependencies
    return False


def test_every_route_asks_who_it_is_or_is_known_to_be_open(services: Services) -> None:
    open_ones = {
        (method, route.path)
        for route in api_routes(services)
        if not asks_who(route)
        for method in route.methods
    }
    assert open_ones == set(OPEN_TO_EVERYBODY)


def test_health_needs_no_sign_in_and_says_that_nobody_has_set_it_up(client: TestClient) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["setup_done"] is False


def test_nobody_signed_in_gets_401_with_a_remedy(client: TestClient) -> None:
    answer = client.get("/api/v1/tasks")
    assert answer.status_code == 401
    assert set(answer.json()) == {"cause", "remedy", "where", "details"}
    assert answer.json()["remedy"] == "Sign in."


def test_answers_carry_the_security_headers(client: TestClient) -> None:
    headers = client.get("/health").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def test_an_address_that_is_nothing_is_told_as_json(client: TestClient) -> None:
    answer = client.get("/api/v1/nothing-here")
    assert answer.status_code == 404
    assert answer.json()["cause"]


def test_a_body_that_is_too_large_is_refused_unread(client: TestClient) -> None:
    answer = client.post("/api/v1/tasks/x/cancel", content=b"x" * (LARGEST_BODY + 1))
    assert answer.status_code == 413
    assert "KiB" in answer.json()["cause"]


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (Failure("No.", "Yes."), 400),
        (Conflict("Taken.", "Take another."), 409),
        (TooMany("Slowly.", "Wait.", retry_after=7), 429),
    ],
)
def test_failures_become_json_with_their_status(
    services: Services, failure: Failure, status: int
) -> None:
    application = create_application(services, background=False)
    router = APIRouter()

    @router.get("/api/v1/broken")
    def broken() -> None:
        raise failure

    application.include_router(router)
    answer = TestClient(application).get("/api/v1/broken")
    assert answer.status_code == status
    assert answer.json()["cause"] == failure.cause
    assert answer.json()["remedy"] == failure.remedy
    if status == 429:
        assert answer.headers["retry-after"] == "7"


def test_a_defect_shows_no_traceback(services: Services) -> None:
    application = create_application(services, background=False)
    router = APIRouter()

    @router.get("/api/v1/broken")
    def broken() -> None:
        raise ZeroDivisionError("with something secret in it")

    application.include_router(router)
    answer = TestClient(application, raise_server_exceptions=False).get("/api/v1/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "defect" in answer.json()["cause"]
