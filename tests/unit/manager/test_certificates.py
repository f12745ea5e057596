from __future__ import annotations

import socket
import ssl
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from foundation.failure import Failure
from foundation.secret import Secret
from manager.certificates.authority import CertificateAuthority, host_of, names_of
from manager.certificates.making import key_to_pem, new_key
from manager.certificates.secret_box import SecretBox
from manager.problems import Invalid

from .conftest import SteppingClock


@pytest.fixture
def authority(tmp_path: Path, clock: SteppingClock) -> CertificateAuthority:
    return CertificateAuthority(tmp_path / "certificates", clock)


def request(key: object = None) -> str:
    asked = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    signed = asked.sign(key or new_key(), hashes.SHA256())  # type: ignore[arg-type]
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def test_keys_are_for_the_owner_only_and_the_authority_stays(
    authority: CertificateAuthority, tmp_path: Path, clock: SteppingClock
) -> None:
    authority.ensure_server_certificate(["manager.test"])
    for name in ("ca.key", "server.key"):
        assert stat.S_IMODE((tmp_path / "certificates" / name).stat().st_mode) == 0o600
    again = CertificateAuthority(tmp_path / "certificates", clock)
    assert again.fingerprint == authority.fingerprint
    assert len(authority.fingerprint) == 64


def test_mutual_tls_with_strict_verification(
    authority: CertificateAuthority, tmp_path: Path
) -> None:
    """A real handshake, both sides verifying as strictly as Python can."""
    authority.ensure_server_certificate(["localhost", "127.0.0.1"])
    key = new_key()
    issued = authority.issue_client(request(key), "abc", "host-1")
    (tmp_path / "host.crt").write_text(issued.certificate)
    (tmp_path / "host.key").write_bytes(key_to_pem(key))

    server = ssl.create_default_context(
        ssl.Purpose.CLIENT_AUTH, cafile=str(authority.certificate_file)
    )
    server.verify_mode = ssl.CERT_REQUIRED
    server.verify_flags |= ssl.VERIFY_X509_STRICT
    server.load_cert_chain(authority.server_certificate_file, authority.server_key_file)
    client = ssl.create_default_context(cafile=str(authority.certificate_file))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    client.load_cert_chain(tmp_path / "host.crt", tmp_path / "host.key")

    ours, theirs = socket.socketpair()
    seen: list[bytes] = []

    def answer() -> None:
        with server.wrap_socket(theirs, server_side=True) as accepted:
            seen.append(accepted.getpeercert(binary_form=True) or b"")
            accepted.sendall(b"hello")

    thread = threading.Thread(target=answer)
    thread.start()
    with client.wrap_socket(ours, server_hostname="localhost") as connected:
        assert connected.recv(5) == b"hello"
    thread.join()
    assert host_of(x509.load_der_x509_certificate(seen[0])) == "abc"


def test_the_server_certificate_is_made_anew_for_new_names_and_in_time(
    authority: CertificateAuthority, clock: SteppingClock
) -> None:
    assert authority.ensure_server_certificate(["a.test"]) is True
    assert authority.ensure_server_certificate(["a.test"]) is False
    assert authority.ensure_server_certificate(["b.test", "192.0.2.7"]) is True
    found = x509.load_pem_x509_certificate(authority.server_certificate_file.read_bytes())
    assert set(names_of(found)) == {"a.test", "b.test", "192.0.2.7"}
    clock.forward(days=700)
    assert authority.ensure_server_certificate(["a.test"]) is True


def test_client_certificates_are_bound_to_their_host_and_end(
    authority: CertificateAuthority, clock: SteppingClock
) -> None:
    issued = authority.issue_client(request(), "0123", "host-1")
    certificate = x509.load_pem_x509_certificate(issued.certificate.encode())
    assert host_of(certificate) == "0123"
    assert authority.signed_by_us(certificate)
    assert issued.not_after == clock() + timedelta(days=90)
    assert f"{certificate.serial_number:x}" == issued.serial


@pytest.mark.parametrize(
    ("csr", "says"),
    [
        ("no request at all", "cannot be read"),
        (request(rsa.generate_private_key(65537, 2048)), "ECDSA"),
    ],
)
def test_bad_requests_are_refused(authority: CertificateAuthority, csr: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        authority.issue_client(csr, "0123", "host-1")
    assert says in refused.value.cause


def test_a_damaged_authority_says_what_to_do(tmp_path: Path, clock: SteppingClock) -> None:
    CertificateAuthority(tmp_path, clock)
    (tmp_path / "ca.key").write_text("rubbish")
    with pytest.raises(Failure) as damaged:
        CertificateAuthority(tmp_path, clock)
    assert "backup" in damaged.value.remedy


def test_secrets_are_sealed_for_one_purpose(tmp_path: Path) -> None:
    box = SecretBox(tmp_path / "secret.key")
    sealed = box.seal(Secret("bind password"), "directory:1")
    assert b"bind password" not in sealed
    assert (
        SecretBox(tmp_path / "secret.key").open(sealed, "directory:1").reveal() == "bind password"
    )
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    for wrong in (
        lambda: box.open(sealed, "directory:2"),
        lambda: box.open(sealed[:-1], "directory:1"),
    ):
        with pytest.raises(Failure) as refused:
            wrong()
        assert "bind password" not in str(refused.value)
