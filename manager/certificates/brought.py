"""A server certificate that an administrator brought, as from the organization's own CA.

Browsers that ask for one of its names get it (by SNI, RFC 6066). All others get the Manager's own:
Agents and command lines trust the Manager's CA alone, and reach it by address.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from pydantic import BaseModel, ConfigDict

from foundation.atomic_file import write_atomically
from foundation.secret import Secret
from manager.certificates.authority import names_of
from manager.certificates.making import fingerprint
from manager.problems import Invalid

CERTIFICATE, KEY = "brought.crt", "brought.key"
_WHERE = "certificate"


class CertificateShown(BaseModel):
    """What people see of a certificate; ``fingerprint`` is the SHA-256, hexadecimal."""

    model_config = ConfigDict(frozen=True)

    names: list[str]
    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    fingerprint: str


def shown(certificate: x509.Certificate) -> CertificateShown:
    """``certificate`` for people."""
    return CertificateShown(
        names=list(names_of(certificate)),
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        fingerprint=fingerprint(certificate),
    )


def check_brought(chain: str, key: Secret, now: datetime) -> list[x509.Certificate]:
    """The certificates of ``chain`` (PEM, the server's first); raises Invalid for what is wrong."""
    try:
        certificates = x509.load_pem_x509_certificates(chain.encode())
    except ValueError as error:
        raise Invalid(
            "The certificate cannot be read.",
            "Give it in PEM: the server's first, then those up to the root.",
            where=_WHERE,
        ) from error
    try:
        private = serialization.load_pem_private_key(key.reveal().encode(), None)
    except (ValueError, TypeError) as error:
        raise Invalid(
            "The private key cannot be read.", "Give it in PEM, without a passphrase.", where="key"
        ) from error
    leaf = certificates[0]
    if private.public_key() != leaf.public_key():
        raise Invalid(
            "Key and certificate do not belong together.",
            "Give the key that the certificate's request was made with; the server's certificate "
            "comes first in the file.",
            where="key",
        )
    if not names_of(leaf):
        raise Invalid(
            "The certificate is for no name (it has no subjectAltName).",
            "Have it issued again; browsers no longer look at the common name.",
            where=_WHERE,
        )
    if leaf.not_valid_after_utc <= now or leaf.not_valid_before_utc > now:
        raise Invalid(
            f"The certificate is valid from {leaf.not_valid_before_utc:%Y-%m-%d} to "
            f"{leaf.not_valid_after_utc:%Y-%m-%d} only.",
            "Bring one that is valid today; see also that the Manager's clock is right.",
            where=_WHERE,
        )
    _check_chain(certificates)
    return certificates


def _check_chain(certificates: list[x509.Certificate]) -> None:
    for issued, issuer in pairwise(certificates):
        try:
            issued.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise Invalid(
                f"{issued.subject.rfc4514_string()} was not issued by "
                f"{issuer.subject.rfc4514_string()}, which follows it.",
                "Put each certificate's issuer right behind it.",
                where=_WHERE,
            ) from error


def keep_brought(folder: Path, chain: str, key: Secret) -> None:
    """Write both into ``folder``; the key first, so that a certificate always has one."""
    write_atomically(folder / KEY, key.reveal(), 0o600)
    write_atomically(folder / CERTIFICATE, chain, 0o644)


def forget_brought(folder: Path) -> None:
    """Go back to the Manager's own certificate."""
    (folder / CERTIFICATE).unlink(missing_ok=True)
    (folder / KEY).unlink(missing_ok=True)


def matches(name: str, certificate: x509.Certificate) -> bool:
    """Whether ``certificate`` is for ``name`` (RFC 6125: one wildcard, the first label)."""
    name = name.lower().rstrip(".")
    wildcard = "*." + name.partition(".")[2]
    return any(each.lower() in (name, wildcard) for each in names_of(certificate))
