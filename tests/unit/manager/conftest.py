"""A Manager in a temporary folder, with an engine that carries tasks out at once."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from sqlalchemy import text

from manager.access import passwords
from manager.access.setting_up import ensure_setup_secret
from manager.application import create_application
from manager.services import Services, open_services
from manager.settings import Settings
from manager.tasks.inline import InlineEngine


class SteppingClock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture(autouse=True, scope="session")
def cheap_hashes() -> None:
    """Argon2 as it is, with parameters that do not take most of the tests' time."""
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    passwords._NOBODYS = passwords._HASHER.hash("nobody")


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@functools.cache
def fresh_state() -> Path:
    """The state of a Manager that was just started for the first time, to be copied.

    No fixture: other folders' tests import ``services`` from here, and it alone.
    """
    folder = tempfile.mkdtemp(prefix="flexvdi-fresh-manager-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    state = Path(folder) / "state"
    services = open_services(Settings(state=state), InlineEngine())
    with services.database.reading() as session:
        session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    services.database.close()
    return state


@pytest.fixture
def services(tmp_path: Path, clock: SteppingClock) -> Iterator[Services]:
    shutil.copytree(fresh_state(), tmp_path / "state")
    services = open_services(Settings(state=tmp_path / "state"), InlineEngine(), clock=clock)
    services.tasks.start(services)
    yield services
    services.database.close()


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    application = create_application(services, background=False)
    with TestClient(application, base_url="https://manager.test") as client:
        yield client


SETUP_PASSWORD = "correct horse battery staple"


@pytest.fixture
def admin(client: TestClient, services: Services) -> TestClient:
    """A client that the first administrator is signed in with."""
    secret = ensure_setup_secret(services)
    assert secret is not None
    body = {"secret": secret.reveal(), "name": "root", "password": SETUP_PASSWORD}
    assert client.post("/api/v1/setup", json=body).status_code == 201
    sign_in(client, "root", SETUP_PASSWORD)
    return client


def sign_in(client: TestClient, name: str, password: str, code: str | None = None) -> None:
    """Sign in; later changes carry the anti-forgery token."""
    client.cookies.clear()
    client.headers.pop("x-csrf-token", None)
    answer = client.post("/api/v1/session", json={"name": name, "password": password, "code": code})
    assert answer.status_code == 201, answer.text
    client.headers["x-csrf-token"] = answer.json()["csrf"]


def another(client: TestClient) -> TestClient:
    """A second browser on the same Manager, from another address."""
    return TestClient(client.app, base_url="https://manager.test", client=("192.0.2.9", 4711))


def add_somebody(admin: TestClient, name: str, role: str) -> tuple[TestClient, str]:
    """Another administrator, signed in, and the identifier."""
    body = {
        "name": name,
        "role": role,
        "password": SETUP_PASSWORD,
        "must_change_password": False,
    }
    created = admin.post("/api/v1/administrators", json=body)
    assert created.status_code == 201, created.text
    theirs = another(admin)
    sign_in(theirs, name, SETUP_PASSWORD)
    return theirs, created.json()["id"]
