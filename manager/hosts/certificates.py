"""The certificates of hosts: issued, known, revoked."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from sqlalchemy import select
from sqlalchemy.orm import Session

from manager.backup.restored import read_restored
from manager.certificates.authority import ClientCertificate
from manager.hosts.tables import HostCertificateRow
from manager.services import Services

# Certificates begin somewhat before they are made (manager.certificates.making).
_EARLIER = timedelta(hours=1)


def key_of(request: str) -> str:
    """The SHA-256 of the public key in a signing request; empty when it cannot be read."""
    try:
        key = x509.load_pem_x509_csr(request.encode()).public_key()
    except ValueError:
        return ""
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(der).hexdigest()


def issue(
    services: Services, session: Session, request: str, host: str, name: str
) -> ClientCertificate:
    """A certificate for ``host``, noted; raises Invalid for a request that is none."""
    made = services.authority.issue_client(request, host, name)
    session.add(
        HostCertificateRow(
            serial=made.serial,
            host=host,
            key=key_of(request),
            issued=services.clock(),
            expires=made.not_after,
            reason="",
        )
    )
    return made


def take_in_from_after_backup(
    services: Services, session: Session, certificate: x509.Certificate, host: str
) -> bool:
    """Note a certificate that was issued after the backup which this Manager was restored from.

    The backup cannot list it, and it is none that was ever revoked here: ``host`` renewed it (TLS
    has checked that it is of our CA). Returns whether it was taken in.
    """
    restored = read_restored(services.settings.state)
    serial = f"{certificate.serial_number:x}"
    if restored is None or session.get(HostCertificateRow, serial) is not None:
        return False
    begins = certificate.not_valid_before_utc
    if not restored.backup - _EARLIER <= begins <= restored.at:
        return False
    der = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    session.add(
        HostCertificateRow(
            serial=serial,
            host=host,
            key=hashlib.sha256(der).hexdigest(),
            issued=begins,
            expires=certificate.not_valid_after_utc,
            reason="",
        )
    )
    session.flush()
    return True


def is_valid(session: Session, serial: str, host: str) -> bool:
    """Whether ``host`` may use the certificate: it was issued to it, and not revoked."""
    row = session.get(HostCertificateRow, serial)
    return row is not None and row.host == host and row.revoked is None


def revoke_all(
    services: Services, session: Session, host: str, reason: str, *, keep: str = ""
) -> None:
    """Revoke what ``host`` has, but for the serial ``keep``."""
    rows = session.scalars(
        select(HostCertificateRow).where(
            HostCertificateRow.host == host, HostCertificateRow.revoked.is_(None)
        )
    )
    for row in rows:
        if row.serial != keep:
            row.revoked, row.reason = services.clock(), reason[:200]


def forget_expired(services: Services) -> None:
    """Remove those that have expired: TLS refuses them by itself."""
    now = services.clock()
    with services.database.reading() as session:
        found = session.scalar(
            select(HostCertificateRow.serial).where(HostCertificateRow.expires < now).limit(1)
        )
    if found is None:
        return
    with services.database.writing() as session:
        for row in session.scalars(
            select(HostCertificateRow).where(HostCertificateRow.expires < now)
        ):
            session.delete(row)
