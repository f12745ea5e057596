"""The certificates that the Manager answers with right now; replaced without a restart."""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509

from foundation.failure import Failure
from foundation.secret import Secret
from manager.access.principal import Principal
from manager.audit.recording import record
from manager.certificates.authority import names_of
from manager.certificates.brought import (
    CERTIFICATE,
    KEY,
    CertificateShown,
    check_brought,
    forget_brought,
    keep_brought,
    matches,
    shown,
)
from manager.problems import Invalid
from manager.services import Services

log = logging.getLogger("flexvdi.manager.certificates")


class LiveCertificates:
    """Own and brought certificate, and the TLS contexts that use them."""

    def __init__(self, services: Services) -> None:
        """Made by ``services.part``."""
        self._services = services
        self._folder: Path = services.authority.certificate_file.parent
        self._lock = threading.Lock()
        self._own: list[ssl.SSLContext] = []
        self._brought: tuple[x509.Certificate, ssl.SSLContext] | None = None
        self._load_brought()

    def attach(self, context: ssl.SSLContext) -> None:
        """Serve ``context`` with both, now and after each change."""
        with self._lock:
            self._own.append(context)
        context.sni_callback = self._choose

    @property
    def own(self) -> CertificateShown:
        """The one of the Manager's own CA."""
        return shown(_read(self._services.authority.server_certificate_file))

    @property
    def brought(self) -> CertificateShown | None:
        """The one that was brought, if there is one."""
        return shown(self._brought[0]) if self._brought else None

    def bring(self, principal: Principal, chain: str, key: Secret) -> None:
        """Use what an administrator brought from now on; raises Invalid."""
        check_brought(chain, key, self._services.clock())
        try:
            _context_of(chain, key, self._folder)
        except (ssl.SSLError, OSError) as error:
            raise Invalid(
                "The TLS library refuses this certificate or its key.",
                "Bring one with a key of ECDSA, or RSA of 2048 bits or more.",
                where="certificate",
                details=str(error),
            ) from error
        keep_brought(self._folder, chain, key)
        self._load_brought()
        self._record(principal, "certificate.bring")

    def forget(self, principal: Principal) -> None:
        """Use the Manager's own for all names again."""
        forget_brought(self._folder)
        self._load_brought()
        self._record(principal, "certificate.forget")

    def renew(self, principal: Principal, names: Sequence[str]) -> None:
        """Make a new one of the Manager's own CA, for what it is for now and ``names``."""
        authority = self._services.authority
        known = names_of(_read(authority.server_certificate_file))
        authority.make_server_certificate(list(dict.fromkeys([*names, *known])))
        self.reload_own()
        self._record(principal, "certificate.renew")

    def reload_own(self) -> None:
        """Let all contexts use the file as it is now; running connections stay."""
        authority = self._services.authority
        with self._lock:
            for context in self._own:
                context.load_cert_chain(
                    authority.server_certificate_file, authority.server_key_file
                )

    def _choose(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        brought = self._brought
        if brought is not None and name is not None and matches(name, brought[0]):
            connection.context = brought[1]

    def _load_brought(self) -> None:
        path = self._folder / CERTIFICATE
        self._brought = None
        if not path.exists():
            return
        try:
            context = _server_context()
            context.load_cert_chain(path, self._folder / KEY)
            self._brought = (_read(path), context)
        except (OSError, ValueError, ssl.SSLError) as error:
            log.error("the certificate %s cannot be used: %s", path, error)

    def _record(self, principal: Principal, action: str) -> None:
        with self._services.database.writing() as session:
            record(session, principal, action, clock=self._services.clock)
            self._services.events.publish(
                session,
                "certificate.changed",
                f"The server's certificate was changed by {principal.name}.",
                subject="certificate",
            )


def _server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _context_of(chain: str, key: Secret, folder: Path) -> None:
    """Let the TLS library try it before it is kept."""
    trial = folder / "trial"
    trial.mkdir(mode=0o700, exist_ok=True)
    try:
        keep_brought(trial, chain, key)
        _server_context().load_cert_chain(trial / CERTIFICATE, trial / KEY)
    finally:
        forget_brought(trial)
        trial.rmdir()


def _read(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise Failure(
            f"The certificate {path} cannot be read.", "Start the Manager anew, or restore it."
        ) from error
