from __future__ import annotations

import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from foundation.joining import EnrolmentAnswer, EnrolmentRequest
from foundation.secret import Secret
from host.membership_files import new_key, signing_request
from manager.access.principal import Principal
from manager.access.role import Role
from manager.hosts.enrolment import enrol
from manager.hosts.tokens import create_token
from manager.services import Services, open_services
from manager.settings import Endpoint, Settings
from manager.tasks.inline import InlineEngine
from tests.unit.manager.conftest import SteppingClock, client, clock

__all__ = ["client", "clock"]

ANA = Principal("ana", Role.ADMIN, "local")


@pytest.fixture
def services(tmp_path: Path, clock: SteppingClock) -> Any:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(state=tmp_path / "state", agents=Endpoint("127.0.0.1", port))
    services = open_services(settings, InlineEngine(), clock=clock)
    services.authority.ensure_server_certificate(["localhost"])
    services.tasks.start(services)
    yield services
    services.database.close()


@dataclass(frozen=True)
class Machine:
    """A host that wants to join: its identity, name and key."""

    identity: str
    name: str
    key: Secret
    request: EnrolmentRequest

    def asking(self, **changed: Any) -> EnrolmentRequest:
        return self.request.model_copy(update=changed)

    def named(self, name: str) -> Machine:
        return replace(self, name=name, request=self.asking(host_name=name))


def machine(name: str, identity: str = "") -> Machine:
    known, key = identity or str(uuid.uuid4()), new_key()
    request = EnrolmentRequest(
        protocol="1.0",
        agent_version="0.1.0",
        host_id=known,
        host_name=name,
        request=signing_request(key, known),
    )
    return Machine(known, name, key, request)


def new_token(services: Services, **options: Any) -> Secret:
    made = create_token(services, ANA, "10.0.0.5", 443, **options)
    return Secret(made.join_string.rpartition(":")[2])


@pytest.fixture
def join(services: Services) -> Callable[..., EnrolmentAnswer]:
    def join(host: Machine, token: Secret | None = None, **changed: Any) -> EnrolmentAnswer:
        asked = host.asking(token=token or new_token(services), **changed)
        return enrol(services, asked, None, "10.0.0.77")

    return join
