"""The Manager of :mod:`tests.unit.manager`, with somebody signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from manager.access.principal import Principal
from manager.access.role import Role
from manager.access.sessions import COOKIE, open_session
from manager.services import Services
from tests.unit.manager.conftest import SteppingClock, client, clock, services

__all__ = ["SteppingClock", "client", "clock", "services"]

Call = Callable[..., Any]


@pytest.fixture
def call(client: TestClient, services: Services) -> Call:
    """Ask the API as somebody of a role: ``call("GET", path, json, role=...)``."""
    sessions: dict[Role, tuple[str, str]] = {}

    def ask(method: str, path: str, body: Any = None, role: Role = Role.ADMIN) -> Any:
        if role not in sessions:
            with services.database.writing() as session:
                principal = Principal(role.value, role, "local", "192.0.2.1")
                opened = open_session(services, session, principal, "test")
            sessions[role] = (opened.cookie.reveal(), opened.csrf)
        cookie, csrf = sessions[role]
        headers = {"Cookie": f"{COOKIE}={cookie}", "X-CSRF-Token": csrf}
        return client.request(method, f"/api/v1/directories{path}", json=body, headers=headers)

    return ask
