"""A Manager in this process, and somebody of each role who is signed in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from manager.access.principal import Principal
from manager.access.role import Role
from manager.access.sessions import COOKIE, open_session
from manager.application import create_application
from manager.services import Services, open_services
from manager.settings import Settings
from manager.tasks.inline import InlineEngine


@pytest.fixture(scope="session")
def fresh_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of a Manager that was just started for the first time, to be copied."""
    state = Path(tmp_path_factory.mktemp("fresh")) / "state"
    services = open_services(Settings(state=state), InlineEngine())
    services.authority.ensure_server_certificate(["manager.test"])
    with services.database.reading() as session:
        session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    services.database.close()
    return state


@pytest.fixture
def services(tmp_path: Path, fresh_state: Path) -> Iterator[Services]:
    shutil.copytree(fresh_state, tmp_path / "state")
    services = open_services(Settings(state=tmp_path / "state"), InlineEngine())
    yield services
    services.database.close()


@dataclass
class Visitor:
    """A browser without JavaScript."""

    client: TestClient

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path, follow_redirects=False)

    def post(self, path: str, page: str = "/about", **form: str | list[str]) -> httpx.Response:
        """Send a form as from ``page``, which must have offered it its anti-forgery token."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(page).text)
        token = {"csrf_token": found[1]} if found else {}
        return self.client.post(path, data={**token, **form}, follow_redirects=False)


@pytest.fixture
def anybody(services: Services) -> Iterator[Visitor]:
    application = create_application(services, background=False)
    with TestClient(application, base_url="https://manager.test") as client:
        yield Visitor(client)


@pytest.fixture
def signed_in(services: Services, anybody: Visitor) -> Callable[[Role], Visitor]:
    def sign_in(role: Role) -> Visitor:
        principal = Principal(f"the {role.value}", role, "directory:test")
        with services.database.writing() as session:
            opened = open_session(services, session, principal, "a test")
        anybody.client.cookies.set(COOKIE, opened.cookie.reveal())
        return anybody

    return sign_in
