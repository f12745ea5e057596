"""Real TLS handshakes with servers that are wrong in one way each."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from manager.directory.link import open_link
from manager.directory.refusals import Unavailable
from manager.directory.settings import ServerAddress
from manager.directory.trust import trusting_context
from tests.lab.certificate_authority import CertificateAuthority

Serve = Callable[[socket.socket], None]


@pytest.fixture(scope="module")
def authority() -> CertificateAuthority:
    return CertificateAuthority("Example Root")


@contextmanager
def serving(serve: Serve) -> Iterator[ServerAddress]:
    """A server that hands each connection to ``serve``."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        serve(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield ServerAddress(host="localhost", port=listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(30)


def speaking_tls(folder: Path, certificate: tuple[str, str]) -> Serve:
    (folder / "server.pem").write_text("".join(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as channel:
            channel.recv(4096)

    return serve


def opened(address: ServerAddress, ca: str) -> None:
    with open_link(address, "ldaps", trusting_context(ca)):
        pass


def refused(address: ServerAddress, ca: str) -> Unavailable:
    with pytest.raises(Unavailable) as failure:
        opened(address, ca)
    assert failure.value.remedy and failure.value.where == str(address)
    return failure.value


def test_a_certificate_of_the_ca_for_the_name(
    tmp_path: Path, authority: CertificateAuthority
) -> None:
    with serving(speaking_tls(tmp_path, authority.issue("localhost"))) as address:
        opened(address, authority.pem)


def test_the_servers_own_certificate_may_stand_for_the_ca(
    tmp_path: Path, authority: CertificateAuthority
) -> None:
    certificate = authority.issue("localhost")
    with serving(speaking_tls(tmp_path, certificate)) as address:
        opened(address, certificate[0])


def test_an_address_must_be_in_the_certificate(
    tmp_path: Path, authority: CertificateAuthority
) -> None:
    with serving(speaking_tls(tmp_path, authority.issue("localhost", "127.0.0.1"))) as address:
        opened(ServerAddress(host="127.0.0.1", port=address.port), authority.pem)
    with serving(speaking_tls(tmp_path, authority.issue("localhost"))) as address:
        by_number = ServerAddress(host="127.0.0.1", port=address.port)
        assert "is for localhost, not for 127.0.0.1" in refused(by_number, authority.pem).cause


def test_another_ca(tmp_path: Path, authority: CertificateAuthority) -> None:
    with serving(speaking_tls(tmp_path, authority.issue("localhost"))) as address:
        failure = refused(address, CertificateAuthority("Other Root").pem)
        assert "issued by “CN=Example Root”, which is not the CA given" in failure.cause
        assert "SHA-256" in failure.value
        # With no CA given, those of the system count; ours is not among them.
        assert "not the CA given" in refused(address, "").cause


def test_another_name(tmp_path: Path, authority: CertificateAuthority) -> None:
    certificate = authority.issue("dc1.example.org", "dc2.example.org")
    with serving(speaking_tls(tmp_path, certificate)) as address:
        failure = refused(address, authority.pem)
    assert "dc1.example.org, dc2.example.org, not for localhost" in failure.cause


def test_expired(tmp_path: Path, authority: CertificateAuthority) -> None:
    old = authority.issue("localhost", begins=timedelta(days=-9), ends=timedelta(days=-2))
    with serving(speaking_tls(tmp_path, old)) as address:
        failure = refused(address, authority.pem)
    assert "expired on 20" in failure.cause and "clock" in failure.remedy


def test_not_yet_valid(tmp_path: Path, authority: CertificateAuthority) -> None:
    new = authority.issue("localhost", begins=timedelta(days=2))
    with serving(speaking_tls(tmp_path, new)) as address:
        failure = refused(address, authority.pem)
    assert "valid from 20" in failure.cause and "clock" in failure.remedy


def test_no_tls_at_all() -> None:
    with serving(lambda connection: connection.sendall(b"220 smtp.example.org ready\r\n")) as there:
        assert "does not speak TLS" in refused(there, "").cause


def test_the_server_hangs_up(authority: CertificateAuthority) -> None:
    with serving(lambda connection: None) as address:
        assert "ended the connection during the TLS" in refused(address, "").cause


def test_nothing_listens() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = ServerAddress(host="localhost", port=probe.getsockname()[1])
        assert "refused" in refused(address, "").cause


def test_a_name_that_does_not_resolve() -> None:
    address = ServerAddress(host="no-such-host.invalid", port=636)
    assert "does not resolve" in refused(address, "").cause


def test_old_versions_of_tls_are_not_spoken(
    tmp_path: Path, authority: CertificateAuthority
) -> None:
    context = trusting_context(authority.pem)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname
