"""Who is taken in, and that who is refused leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from foundation.failure import Failure
from foundation.joining import EnrolmentAnswer, read_join_string
from foundation.secret import Secret
from host.membership_files import check_credentials
from manager.access.administrators import add_administrator, new_hash
from manager.access.role import Role
from manager.audit.tables import AuditRow
from manager.certificates.authority import host_of
from manager.hosts.live import LiveHosts
from manager.hosts.preferences import HostPreferences
from manager.hosts.states import HostState
from manager.hosts.tables import HostCertificateRow, HostRow, JoinTokenRow
from manager.hosts.tokens import create_token, find_tokens, keep_given_token, revoke_token
from manager.preferences.storing import change_preference
from manager.problems import Conflict, Invalid, NotSignedIn
from manager.services import Services
from tests.unit.manager.conftest import SteppingClock
from tests.unit.manager_hosts.conftest import ANA, machine, new_token

Join = Callable[..., EnrolmentAnswer]


def count(services: Services, table: type) -> int:
    with services.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def host(services: Services, identity: str) -> HostRow:
    with services.database.reading() as session:
        row = session.get(HostRow, identity)
    assert row is not None
    return row


def test_a_token_gives_a_certificate_that_fits(services: Services, join: Join) -> None:
    change_preference(services, HostPreferences(bridges=("br0",)), ANA)
    node = machine("node1.lab")
    answer = join(node)
    check_credentials(node.key, answer.certificate, answer.ca, services.authority.fingerprint)
    made = x509.load_pem_x509_certificate(answer.certificate.encode())
    assert host_of(made) == node.identity
    assert answer.agents_port == services.settings.agents.port
    assert answer.bridges == ("br0",)
    row = host(services, node.identity)
    assert (row.name, row.state, row.joined_by) == ("node1.lab", HostState.JOINING.value, "ana")


def test_the_join_string_is_shown_once_and_holds_all(services: Services) -> None:
    made = create_token(services, ANA, "10.0.0.5", 8443, note="rack 3")
    read = read_join_string(made.join_string)
    assert read.manager.fingerprint == services.authority.fingerprint
    token = read.token.reveal()
    (listed,) = find_tokens(services, size=10).items
    assert listed.note == "rack 3"
    assert token not in listed.model_dump_json()
    with services.database.reading() as session:
        assert token not in str([vars(row) for row in session.scalars(select(JoinTokenRow))])
        assert token not in str([row.data for row in session.scalars(select(AuditRow))])


def test_a_token_lets_in_once_but_the_same_host_may_ask_again(
    services: Services, join: Join
) -> None:
    token, node = new_token(services), machine("node1.lab")
    join(node, token)
    join(node, token)  # the answer was lost on the way
    assert count(services, HostRow) == 1
    with pytest.raises(NotSignedIn, match="used already"):
        join(machine("node2.lab"), token)
    with pytest.raises(NotSignedIn, match="used already"):
        join(machine("node1.lab", node.identity), token)  # the same host, with another key


def test_tokens_that_do_not_count(services: Services, join: Join, clock: SteppingClock) -> None:
    with pytest.raises(NotSignedIn, match="knows no such"):
        join(machine("a.lab"), Secret("ABCDEFGHIJKLMNOPQRSTUVWX"))
    expired = new_token(services, lifetime=timedelta(minutes=5))
    clock.forward(minutes=5)
    with pytest.raises(NotSignedIn, match="expired at"):
        join(machine("a.lab"), expired)
    revoked = new_token(services)
    revoke_token(services, find_tokens(services, size=1).items[0].id, ANA)
    with pytest.raises(NotSignedIn, match="was revoked"):
        join(machine("a.lab"), revoked)
    assert count(services, HostRow) == count(services, HostCertificateRow) == 0


def test_a_used_token_cannot_be_revoked_any_more(services: Services, join: Join) -> None:
    join(machine("a.lab"))
    with pytest.raises(Conflict, match="used already"):
        revoke_token(services, find_tokens(services, size=1).items[0].id, ANA)


def be_connected(services: Services, identity: str) -> None:
    services.part(LiveHosts).connect(identity, 1, "boot", lambda message: None, lambda: None)


def made_to_run(services: Services, identity: str) -> None:
    with services.database.writing() as session:
        row = session.get(HostRow, identity)
        assert row is not None
        row.state = HostState.RUNNING.value


def test_a_reinstalled_host_is_replaced_only_when_that_is_meant(
    services: Services, join: Join
) -> None:
    node = machine("node1.lab")
    old = join(node)
    made_to_run(services, node.identity)
    again = machine("node1.lab", node.identity)
    token = new_token(services)
    with pytest.raises(Conflict, match="same identity already") as refused:
        join(again, token)
    assert "--replace" in refused.value.remedy
    join(again, token, replace=True)  # the refusal did not use the token up
    serial = f"{x509.load_pem_x509_certificate(old.certificate.encode()).serial_number:x}"
    with services.database.reading() as session:
        revoked = session.get(HostCertificateRow, serial)
        assert revoked is not None and revoked.revoked is not None


def test_a_connected_host_is_never_replaced(services: Services, join: Join) -> None:
    node = machine("node1.lab")
    join(node)
    made_to_run(services, node.identity)
    be_connected(services, node.identity)
    for other in (machine("node2.lab", node.identity), machine("node1.lab")):
        with pytest.raises(Conflict, match="connected right now"):
            join(other, replace=True)


def test_a_name_is_of_one_host(services: Services, join: Join) -> None:
    first, second = machine("node1.lab"), machine("node1.lab")
    join(first)
    with pytest.raises(Conflict, match="same name already"):
        join(second)
    join(second, replace=True)
    assert count(services, HostRow) == 1
    assert host(services, second.identity).name == "node1.lab"


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"host_id": "../etc"}, Invalid, "no UUID"),
        ({"host_name": "a b"}, Invalid, "name is none"),
        ({"request": "hello"}, Invalid, "cannot be read"),
        ({"protocol": "9.0"}, Failure, "Manager is too old"),
        ({"protocol": "0.9"}, Failure, "host is too old"),
    ],
)
def test_what_cannot_be_taken_in(
    services: Services, join: Join, changed: dict[str, str], error: type[Failure], words: str
) -> None:
    token = new_token(services)
    with pytest.raises(error, match=words):
        join(machine("node1.lab"), token, **changed)
    assert count(services, HostRow) == count(services, HostCertificateRow) == 0
    join(machine("node1.lab"), token)


def test_a_refusal_is_answered_and_audited_without_the_token(
    services: Services, client: TestClient
) -> None:
    asked = machine("node1.lab").asking(token=Secret("ABCDEFGHIJKLMNOPQRSTUVWX"))
    answer = client.post("/api/v1/enrolment", json=asked.model_dump(mode="json", exclude_none=True))
    assert answer.status_code == 401
    assert answer.json()["remedy"]
    with services.database.reading() as session:
        (row,) = session.scalars(select(AuditRow).where(AuditRow.action == "host.join"))
    assert (row.result, row.target) == ("refused", f"host:{asked.host_id}")
    assert "ABCDEFGH" not in f"{row.text} {row.data} {answer.text}"


PASSWORD = "a long way to Tipperary"


@pytest.mark.parametrize(
    ("password", "role", "status", "words"),
    [
        (PASSWORD, Role.OPERATOR, 200, ""),
        (PASSWORD, Role.READ_ONLY, 403, "may not add hosts"),
        ("wrong", Role.ADMIN, 401, ""),
    ],
)
def test_an_administrator_takes_a_host_in(
    services: Services, client: TestClient, password: str, role: Role, status: int, words: str
) -> None:
    with services.database.writing() as session:
        hashed = new_hash(services, "bob", Secret(PASSWORD))
        add_administrator(services, session, "bob", "", role, hashed, ANA, must_change=False)
    asked = machine("node1.lab").asking(user="bob", password=Secret(password))
    answer = client.post("/api/v1/enrolment", json=asked.model_dump(mode="json", exclude_none=True))
    assert answer.status_code == status, answer.text
    assert words in answer.text and password not in answer.text
    assert count(services, HostRow) == (1 if status == 200 else 0)


def test_neither_token_nor_password_lets_nobody_in(client: TestClient) -> None:
    asked = machine("node1.lab").request.model_dump(mode="json", exclude_none=True)
    assert client.post("/api/v1/enrolment", json=asked).status_code == 422


def test_a_token_that_a_seed_has_made_up_is_kept_once(services: Services, join: Join) -> None:
    token = Secret("ABCDEFGHIJKLMNOPQRSTUVWXABCDEFGH")
    for _start in (1, 2):
        keep_given_token(services, ANA, token, note="of the seed")
    assert count(services, JoinTokenRow) == 1
    join(machine("node1.lab"), token)
    with pytest.raises(Failure, match="damaged"):
        keep_given_token(services, ANA, Secret("short"))
