"""Renewing the host's certificate before it expires, over the connection that the old one opens."""

from __future__ import annotations

import datetime
import logging

from cryptography import x509

from agent.protocol.to_agent import NewCertificate
from agent.protocol.to_manager import CertificateRequest
from foundation.secret import Secret
from host.machine.files import Files
from host.membership_files import (
    CREDENTIALS_FILE,
    check_credentials,
    new_key,
    signing_request,
    write_credentials,
)

log = logging.getLogger("flexvdi.agent")

_RENEW_AFTER = 2 / 3  # of its life


def is_due(files: Files, now: datetime.datetime) -> bool:
    """Whether the certificate has lived two thirds of its life; no certificate is never due."""
    content = files.read(CREDENTIALS_FILE)
    if content is None:
        return False
    try:
        made = x509.load_pem_x509_certificate(content.text.encode())
    except ValueError:
        return False
    life = made.not_valid_after_utc - made.not_valid_before_utc
    return now >= made.not_valid_before_utc + life * _RENEW_AFTER


class Renewal:
    """One renewal at a time. The old certificate serves until the new one is on disk."""

    def __init__(self, files: Files, host_id: str, fingerprint: str) -> None:
        """``fingerprint`` is that of the platform's CA."""
        self._files, self._host_id, self._fingerprint = files, host_id, fingerprint
        self._key: Secret | None = None

    def ask(self) -> CertificateRequest:
        """A request with a new key, the same one until it was answered."""
        if self._key is None:
            self._key = new_key()
        return CertificateRequest(request=signing_request(self._key, self._host_id))

    def take(self, answer: NewCertificate) -> bool:
        """Keep the answer; False when nobody asked. Raises Failure for one that does not fit."""
        if self._key is None:
            return False
        check_credentials(self._key, answer.certificate, answer.ca, self._fingerprint)
        write_credentials(self._files, self._key, answer.certificate, answer.ca)
        self._key = None
        log.info("the host's certificate was renewed")
        return True
