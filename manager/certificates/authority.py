"""The certificate authority of one platform, kept in the Manager's state folder."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from manager.certificates.making import (
    Pair,
    fingerprint,
    make_authority,
    make_server,
    sign_client,
)
from manager.clock import Clock
from manager.problems import Invalid

AUTHORITY_LIFETIME = timedelta(days=3653)
SERVER_LIFETIME = timedelta(days=730)
CLIENT_LIFETIME = timedelta(days=90)
# A server certificate of ours is made anew when less is left of it.
_RENEW_SERVER = timedelta(days=60)
_IDENTITY = "urn:flexvdi:host:"


@dataclass(frozen=True)
class ClientCertificate:
    """A certificate issued to a host: PEM text, serial number (hexadecimal), last moment."""

    certificate: str
    serial: str
    not_after: datetime


class CertificateAuthority:
    """Issues the certificates of Manager and hosts."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Open the authority in ``folder``, or make a new one there.

        Raises Failure where its files are damaged or cannot be written.
        """
        self._folder, self._clock = folder, clock
        self._lock = threading.Lock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not (folder / "ca.crt").exists():
                # The name tells apart the authorities of two platforms in a browser's list.
                name = f"flexVDI Manager CA {secrets.token_hex(4)}"
                _keep(folder, "ca", make_authority(name, clock(), AUTHORITY_LIFETIME))
        except OSError as error:
            raise Failure(
                f"The certificates in {folder} cannot be made: {error.strerror}.",
                "See that the state folder is writable and not full.",
            ) from error
        self._pair = _load(folder, "ca")

    @property
    def certificate(self) -> str:
        """The root certificate in PEM: what clients trust."""
        return self._pair.certificate.decode()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the root certificate, 64 hexadecimal digits: what people compare."""
        return fingerprint(self._pair.x509)

    @property
    def certificate_file(self) -> Path:
        """The root certificate's file, for TLS libraries."""
        return self._folder / "ca.crt"

    @property
    def server_certificate_file(self) -> Path:
        """The server's certificate and those up to its root, in one file."""
        return self._folder / "server.crt"

    @property
    def server_key_file(self) -> Path:
        """The key of the server's certificate."""
        return self._folder / "server.key"

    def ensure_server_certificate(self, names: Sequence[str]) -> bool:
        """Make the server certificate where it is missing, ends soon or lacks one of ``names``.

        Returns whether a new one was made; names that the old one was for are kept.
        """
        known: tuple[str, ...] = ()
        if self.server_certificate_file.exists():
            known = names_of(_load(self._folder, "server").x509)
            if not self.server_certificate_is_due() and set(names) <= set(known):
                return False
        self.make_server_certificate(list(dict.fromkeys([*names, *known])))
        return True

    def server_certificate_is_due(self) -> bool:
        """Whether the server certificate ends soon, or is not of this authority (any more)."""
        if not self.server_certificate_file.exists():
            return False
        found = _load(self._folder, "server").x509
        left = found.not_valid_after_utc - self._clock()
        return left <= _RENEW_SERVER or not self.signed_by_us(found)

    def make_server_certificate(self, names: Sequence[str]) -> None:
        """Make a new server certificate for ``names``, with a new key."""
        with self._lock:
            _keep(
                self._folder,
                "server",
                make_server(self._pair, list(names), self._clock(), SERVER_LIFETIME),
            )

    def signed_by_us(self, certificate: x509.Certificate) -> bool:
        """Whether this authority has issued ``certificate``."""
        try:
            certificate.verify_directly_issued_by(self._pair.x509)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True

    def issue_client(self, request: str, host: str, name: str) -> ClientCertificate:
        """Sign the certificate request (CSR, PEM) of the host with the identifier ``host``.

        Of the request only the key counts; subject and identity are ours. Raises Invalid where
        it is none, is not signed by its own key, or has another kind of key.
        """
        try:
            asked = x509.load_pem_x509_csr(request.encode())
            proven = asked.is_signature_valid
        except (ValueError, TypeError) as error:
            raise _bad_request("cannot be read") from error
        if not proven:
            raise _bad_request("is not signed by its own key")
        key = asked.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.key_size < 256:
            raise _bad_request("has no ECDSA key of 256 bits or more")
        issued = sign_client(
            self._pair, key, name or host, _IDENTITY + host, self._clock(), CLIENT_LIFETIME
        )
        return ClientCertificate(
            issued.public_bytes(serialization.Encoding.PEM).decode(),
            f"{issued.serial_number:x}",
            issued.not_valid_after_utc,
        )


def host_of(certificate: x509.Certificate) -> str | None:
    """The identifier of the host that a client certificate of ours was issued to."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    for identity in names.get_values_for_type(x509.UniformResourceIdentifier):
        if identity.startswith(_IDENTITY):
            return identity.removeprefix(_IDENTITY)
    return None


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The DNS names and addresses that a server certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return (
        *names.get_values_for_type(x509.DNSName),
        *(str(address) for address in names.get_values_for_type(x509.IPAddress)),
    )


def _bad_request(why: str) -> Invalid:
    return Invalid(
        f"The certificate request {why}.", "Let the Agent of this host make a new one.", where="csr"
    )


def _keep(folder: Path, name: str, pair: Pair) -> None:
    # The key first: a certificate that exists always has its key.
    write_atomically(folder / f"{name}.key", pair.key, 0o600)
    write_atomically(folder / f"{name}.crt", pair.certificate, 0o644)


def _load(folder: Path, name: str) -> Pair:
    try:
        pair = Pair((folder / f"{name}.crt").read_bytes(), (folder / f"{name}.key").read_bytes())
        key = serialization.load_pem_private_key(pair.key, None)
        matches = key.public_key() == pair.x509.public_key()
    except (OSError, ValueError) as error:
        raise _damaged(folder, name, str(error)) from error
    if not matches:
        raise _damaged(folder, name, "key and certificate do not belong together")
    return pair


def _damaged(folder: Path, name: str, why: str) -> Failure:
    return Failure(
        f"The certificate {folder / name}.crt or its key cannot be used: {why}.",
        "Restore the Manager's state from a backup"
        + (
            "."
            if name == "ca"
            else f", or remove {folder / name}.crt to have a new one made at the next start."
        ),
    )
