"""Bringing a certificate: what is refused, and what a browser then gets, by real handshakes."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from fastapi.testclient import TestClient

from manager.certificates.authority import CertificateAuthority, names_of
from manager.certificates.live import LiveCertificates
from manager.certificates.making import Pair, key_to_pem, make_server, new_key
from manager.services import Services

from .conftest import SteppingClock, add_somebody

PATH = "/api/v1/certificate"


@pytest.fixture
def elsewhere(tmp_path: Path, clock: SteppingClock) -> CertificateAuthority:
    """The organization's own CA."""
    return CertificateAuthority(tmp_path / "organization", clock)


@pytest.fixture
def ready(services: Services) -> Services:
    services.authority.ensure_server_certificate(["localhost", "127.0.0.1"])
    return services


def bring(client: TestClient, pair: Pair, authority: CertificateAuthority) -> int:
    chain = pair.certificate.decode() + authority.certificate
    return client.put(PATH, json={"certificate": chain, "key": pair.key.decode()}).status_code


def names_shown(services: Services, server_name: str | None) -> set[str]:
    """What a client that asks for ``server_name`` is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = services.authority
    context.load_cert_chain(authority.server_certificate_file, authority.server_key_file)
    services.part(LiveCertificates).attach(context)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    ours, theirs = socket.socketpair()

    def answer() -> None:
        with context.wrap_socket(theirs, server_side=True) as accepted:
            accepted.recv(1)

    thread = threading.Thread(target=answer)
    thread.start()
    with client.wrap_socket(ours, server_hostname=server_name) as connected:
        shown = connected.getpeercert(binary_form=True)
        connected.sendall(b"x")
    thread.join()
    assert shown is not None
    return set(names_of(x509.load_der_x509_certificate(shown)))


def test_browsers_get_what_was_brought_and_agents_the_own_one(
    admin: TestClient, ready: Services, elsewhere: CertificateAuthority, clock: SteppingClock
) -> None:
    pair = make_server(
        elsewhere._pair, ["vdi.school.example", "*.lab.example"], clock(), timedelta(days=300)
    )
    assert bring(admin, pair, elsewhere) == 200
    brought = admin.get(PATH).json()["brought"]
    assert brought["names"] == ["vdi.school.example", "*.lab.example"]
    for name in ("vdi.school.example", "a.lab.example"):
        assert "vdi.school.example" in names_shown(ready, name)
    for own in (None, "127.0.0.1", "a.b.lab.example", "other.example"):
        assert "localhost" in names_shown(ready, own)
    assert admin.delete(PATH).json()["brought"] is None
    assert "localhost" in names_shown(ready, "vdi.school.example")


def test_what_was_brought_survives_and_its_end_is_told_in_time(
    admin: TestClient, ready: Services, elsewhere: CertificateAuthority, clock: SteppingClock
) -> None:
    pair = make_server(elsewhere._pair, ["vdi.example"], clock(), timedelta(days=10))
    assert bring(admin, pair, elsewhere) == 200
    assert LiveCertificates(ready).brought is not None
    health = admin.get("/health")
    assert (health.status_code, health.json()["status"]) == (200, "degraded")
    assert "vdi.example" in health.json()["reasons"][0]


def test_wrong_ones_are_refused_with_the_reason(
    admin: TestClient, ready: Services, elsewhere: CertificateAuthority, clock: SteppingClock
) -> None:
    pair = make_server(elsewhere._pair, ["vdi.example"], clock(), timedelta(days=10))
    chain = pair.certificate.decode()
    other_key = key_to_pem(new_key()).decode()
    old = make_server(
        elsewhere._pair, ["vdi.example"], clock() - timedelta(days=9), timedelta(days=1)
    )
    stranger = ready.authority.certificate
    wrong = [
        ({"certificate": "rubbish", "key": pair.key.decode()}, "cannot be read"),
        ({"certificate": chain, "key": "rubbish"}, "key cannot be read"),
        ({"certificate": chain, "key": other_key}, "do not belong together"),
        ({"certificate": old.certificate.decode(), "key": old.key.decode()}, "valid from"),
        ({"certificate": chain + stranger, "key": pair.key.decode()}, "was not issued by"),
    ]
    for body, says in wrong:
        answer = admin.put(PATH, json=body)
        assert answer.status_code == 422
        assert says in answer.json()["cause"]
        assert "PRIVATE KEY" not in answer.text
    assert admin.get(PATH).json()["brought"] is None


def test_the_own_one_is_made_anew_for_another_name(admin: TestClient, ready: Services) -> None:
    names_before = admin.get(PATH).json()["own"]["names"]
    answer = admin.post(f"{PATH}/renew", json={"names": ["192.0.2.20", "vdi.example"]})
    assert answer.status_code == 200
    assert set(answer.json()["own"]["names"]) == {*names_before, "192.0.2.20", "vdi.example"}
    assert "vdi.example" in names_shown(ready, "vdi.example")
    assert admin.post(f"{PATH}/renew", json={"names": ["a b"]}).status_code == 422


def test_only_administrators_change_it(admin: TestClient, ready: Services) -> None:
    theirs, _ = add_somebody(admin, "maria", "operator")
    assert theirs.get(PATH).status_code == 200
    assert theirs.post(f"{PATH}/renew", json={}).status_code == 403
    assert theirs.delete(PATH).status_code == 403


def test_it_is_made_anew_in_time(ready: Services, clock: SteppingClock) -> None:
    from manager.certificates.sweeps import renew_in_time

    before = ready.part(LiveCertificates).own
    renew_in_time(ready)
    assert ready.part(LiveCertificates).own == before
    clock.forward(days=680)
    renew_in_time(ready)
    after = ready.part(LiveCertificates).own
    assert after.not_after > before.not_after
    assert set(after.names) == set(before.names)


def test_figures_for_prometheus(admin: TestClient, ready: Services) -> None:
    admin.post("/api/v1/backups")
    answer = admin.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert 'flexvdi_tasks{state="done"} 1.0' in lines
    assert "flexvdi_sessions 1.0" in lines
    assert "flexvdi_backups 1.0" in lines
    assert any(line.startswith("process_resident_memory_bytes") for line in lines)
    admin.cookies.clear()
    assert admin.get("/metrics").status_code == 401
