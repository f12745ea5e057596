"""TLS certificates: reading PEM, telling what is wrong with it, and signing one's own.

The form is RFC 5280's, the text around it RFC 7468's. What depends on the time is apart from what
does not, so that a document does not become wrong while nobody touches it. ``cryptography`` is
imported where it is needed, for it takes long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from foundation.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.x509 import Certificate as X509
    from cryptography.x509 import GeneralName, Name

SOON = timedelta(days=30)
_BACKDATED = timedelta(hours=1)  # clocks of clients may be behind
_LONGEST_COMMON_NAME = 64


@dataclass(frozen=True)
class CertificateFacts:
    """What people compare of a certificate; times are UTC, ``fingerprint`` SHA-256 in hex."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    fingerprint: str
    self_signed: bool
    chain_length: int


def read_chain(pem: str) -> list[X509]:
    """The certificates in ``pem``; raises ValueError when there is none or one is damaged."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise ValueError("the certificate is not in PEM form, or it is damaged") from error


def read_key(key: Secret) -> PrivateKeyTypes:
    """The private key; raises ValueError, without showing it, when it cannot be used."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(key.reveal().encode(), password=None)
    except TypeError:
        raise ValueError(
            "the private key is protected by a password: take that off first, with `openssl pkey`"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("the private key is not in PEM form, or it is damaged") from None


def check_pair(chain: str, key: Secret) -> None:
    """Whether key and chain belong together; raises ValueError."""
    certificates = read_chain(chain)
    if _public_bytes(read_key(key)) != _public_bytes(certificates[0]):
        raise ValueError("the private key is not the one of the first certificate")
    for signed, signer in pairwise(certificates):
        if signed.issuer != signer.subject or not _was_signed_by(signed, signer):
            raise ValueError(
                f"the chain is out of order: “{_name(signer)}” has not signed “{_name(signed)}”"
            )


def describe(chain: str) -> CertificateFacts:
    """The facts of the first certificate in ``chain``."""
    from cryptography.hazmat.primitives.hashes import SHA256

    certificates = read_chain(chain)
    first = certificates[0]
    return CertificateFacts(
        subject=_name(first),
        issuer=first.issuer.rfc4514_string(),
        names=_names(first),
        not_before=first.not_valid_before_utc,
        not_after=first.not_valid_after_utc,
        fingerprint=first.fingerprint(SHA256()).hex(":").upper(),
        self_signed=first.issuer == first.subject,
        chain_length=len(certificates),
    )


def problems_now(facts: CertificateFacts, names: Sequence[str], now: datetime) -> tuple[str, ...]:
    """What speaks against using the certificate at ``now`` for a host known by ``names``."""
    problems = []
    if now < facts.not_before:
        problems.append(f"It is not valid before {facts.not_before:%Y-%m-%d %H:%M} UTC.")
    if now >= facts.not_after:
        problems.append(f"It expired on {facts.not_after:%Y-%m-%d}.")
    elif now >= facts.not_after - SOON:
        problems.append(f"It expires on {facts.not_after:%Y-%m-%d}.")
    uncovered = [name for name in names if not _covers(facts.names, name)]
    if uncovered:
        problems.append(f"It is not for {', '.join(uncovered)}.")
    return tuple(problems)


def make_self_signed(names: Sequence[str], days: int, now: datetime) -> tuple[str, Secret]:
    """A new certificate for ``names`` (host names and addresses), and its key, both in PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import ExtendedKeyUsageOID

    secret = make_key()
    key: Any = read_key(secret)
    who = _subject(names)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .sign(key, SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode(), secret


def make_key() -> Secret:
    """A new private key (ECDSA on P-256), in PEM."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = ec.generate_private_key(ec.SECP256R1())
    return Secret(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def make_request(names: Sequence[str], key: Secret) -> str:
    """A request (PKCS #10, RFC 2986, in PEM) for a certificate of ``names`` with ``key``."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    private: Any = read_key(key)
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(_subject(names))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), False)
        .sign(private, SHA256())
    )
    return request.public_bytes(Encoding.PEM).decode()


def _subject(names: Sequence[str]) -> Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    common = next((name for name in names if len(name) <= _LONGEST_COMMON_NAME), "flexvdi-host")
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general(name: str) -> GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _names(certificate: X509) -> tuple[str, ...]:
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(
        str(name.value) for name in found if isinstance(name, x509.DNSName | x509.IPAddress)
    )


def _covers(names: Sequence[str], wanted: str) -> bool:
    """RFC 6125: exactly, or by a wildcard that stands for the whole first label."""
    wanted = wanted.lower()
    parent = wanted.partition(".")[2]
    return any(
        name.lower() == wanted or (parent and name.lower() == f"*.{parent}") for name in names
    )


def _name(certificate: X509) -> str:
    return certificate.subject.rfc4514_string() or "no name"


def _was_signed_by(certificate: X509, signer: X509) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        certificate.verify_directly_issued_by(signer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _public_bytes(owner: X509 | PrivateKeyTypes) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return owner.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)
