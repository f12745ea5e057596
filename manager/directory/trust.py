"""TLS to directory servers: always verified, and precise about why a server is not trusted.

ldap3's own ``Tls`` verifies nothing unless told to, and checks names with a routine that Python has
given up. Ours hands the handshake to OpenSSL with verification and host name check required.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from ldap3 import Tls
from ldap3.core.exceptions import LDAPCertificateError

# OpenSSL's numbers (x509_vfy.h) for what a person can do something about.
_NOT_YET_VALID, _EXPIRED = 9, 10
_SELF_SIGNED, _SELF_SIGNED_CHAIN, _NO_ISSUER, _NO_ISSUER_OF_FIRST = 18, 19, 20, 21
_REVOKED, _INVALID_CA, _WRONG_PURPOSE = 23, 24, 26
_WRONG_NAME, _WRONG_ADDRESS = 62, 64
_WEAK = (66, 67, 68)
_UNKNOWN_ISSUER = (_SELF_SIGNED, _SELF_SIGNED_CHAIN, _NO_ISSUER, _NO_ISSUER_OF_FIRST)


def trusting_context(ca: str) -> ssl.SSLContext:
    """A context that accepts servers signed by ``ca`` (PEM; empty: what the system trusts).

    A CA below the root may be given alone, also the server's own certificate. Python 3.13's extra
    strictness, which refuses the certificates that Samba makes for itself, is left off everywhere:
    what is accepted does not depend on the version of Python.
    """
    context = ssl.create_default_context(cadata=ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


class VerifyingTls(Tls):  # type: ignore[misc]
    """One connection's TLS; afterwards ``error`` is why the handshake failed, if it did."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        """``host`` is the name, or the address, that the certificate must be for."""
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = context
        self._host = host
        self.error: Exception | None = None
        self.version = None

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Put TLS over the connection's socket, the handshake included."""
        try:
            # LDAP is short questions and answers; Nagle's algorithm would hold each up for 40 ms.
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.socket = self._context.wrap_socket(
                connection.socket, server_hostname=self._host
            )
        except (OSError, ValueError) as error:
            self.error = error
            raise LDAPCertificateError(str(error)) from error


class ObservingTls(VerifyingTls):
    """Looks at the certificate that a server shows. Nothing may be sent over such a connection."""

    def __init__(self, host: str) -> None:
        """``host`` is sent as the name that is asked for (SNI)."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        super().__init__(context, host)
        self.certificate: bytes | None = None

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Keep the certificate."""
        super().wrap_socket(connection, do_handshake)
        self.certificate = connection.socket.getpeercert(binary_form=True)


@dataclass(frozen=True)
class ShownCertificate:
    """What people compare of the certificate that a server shows; times are UTC."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    fingerprint: str

    def __str__(self) -> str:
        """One line for a check."""
        return (
            f"for {', '.join(self.names) or 'no name'}; issued by {self.issuer or 'nobody'}; valid "
            f"{self.not_before:%Y-%m-%d} to {self.not_after:%Y-%m-%d}; "
            f"SHA-256 {self.fingerprint}"
        )


def read_shown(certificate: bytes) -> ShownCertificate | None:
    """The facts of a certificate in DER; None when it cannot be read."""
    try:
        parsed = x509.load_der_x509_certificate(certificate)
        return ShownCertificate(
            subject=parsed.subject.rfc4514_string(),
            issuer=parsed.issuer.rfc4514_string(),
            names=_names_of(parsed),
            not_before=parsed.not_valid_before_utc,
            not_after=parsed.not_valid_after_utc,
            fingerprint=hashlib.sha256(certificate).digest().hex(":").upper(),
        )
    except ValueError:
        return None


def explain_handshake(
    error: Exception, host: str, shown: ShownCertificate | None, now: datetime
) -> tuple[str, str]:
    """Cause and remedy of a handshake with ``host`` that failed; ``shown`` if it could be seen."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _explain_verification(error, host, shown, now)
    if isinstance(error, TimeoutError):
        return (
            "The server accepted the connection but did not answer the TLS handshake.",
            "See whether the port is the right one, and whether the server is overloaded.",
        )
    reason = getattr(error, "reason", "") or ""
    if reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"):
        return (
            "What answers at this port does not speak TLS.",
            "Choose StartTLS for the plain LDAP port (389), LDAPS for 636.",
        )
    if reason in ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"):
        return (
            "The server offers only versions of TLS older than 1.2.",
            "Turn on TLS 1.2 or later on the directory's server.",
        )
    if reason in ("SSLV3_ALERT_HANDSHAKE_FAILURE", "NO_SHARED_CIPHER"):
        return (
            "Manager and server have no TLS cipher in common.",
            "Turn on current ciphers on the directory's server.",
        )
    return (
        "The server ended the connection during the TLS handshake.",
        "A domain controller does so while it has no certificate: give it one. Also choose "
        "StartTLS for the plain LDAP port (389), LDAPS for 636.",
    )


def _explain_verification(
    error: ssl.SSLCertVerificationError, host: str, shown: ShownCertificate | None, now: datetime
) -> tuple[str, str]:
    code = error.verify_code
    issuer = f"“{shown.issuer}”" if shown else "a CA"
    if code in (_WRONG_NAME, _WRONG_ADDRESS):
        names = ", ".join(shown.names) if shown else ""
        return (
            f"The server's certificate is for {names or 'no name at all'}, not for {host}.",
            "Enter the server by a name that its certificate holds, or give the server a "
            f"certificate with {host} among its subject alternative names.",
        )
    if code in (_EXPIRED, _NOT_YET_VALID) and shown:
        if shown.not_before <= now < shown.not_after:
            return (
                f"A certificate above the server's own, of {issuer}, is outside of its validity.",
                "Renew the CA, or compare the Manager's clock with the directory's.",
            )
        if code == _EXPIRED:
            return (
                f"The server's certificate expired on {shown.not_after:%Y-%m-%d %H:%M} UTC.",
                "Renew it on the server. If it is valid, the Manager's clock is wrong: it says "
                f"{now:%Y-%m-%d %H:%M} UTC.",
            )
        return (
            f"The server's certificate is valid from {shown.not_before:%Y-%m-%d %H:%M} UTC on.",
            f"Set the clocks right: the Manager's says {now:%Y-%m-%d %H:%M} UTC.",
        )
    if code in _UNKNOWN_ISSUER:
        if shown and shown.issuer == shown.subject:
            return (
                "The server's certificate is signed by itself, and it is not the one given as CA.",
                "Give the server a certificate of your CA; or compare its fingerprint on the "
                f"server ({shown.fingerprint}) and enter the certificate as the CA.",
            )
        return (
            f"The server's certificate is issued by {issuer}, which is not the CA given here.",
            f"Enter the certificate of {issuer}, or of the root above it, as the CA.",
        )
    if code == _REVOKED:
        return ("The server's certificate has been revoked.", "Give the server a new one.")
    if code in (_INVALID_CA, _WRONG_PURPOSE):
        return (
            "The server's certificate, or the one it is signed with, is not made for that use: "
            f"{error.verify_message}.",
            "Issue it as a server's certificate, signed by a CA's.",
        )
    if code in _WEAK:
        return (
            f"The server's certificate is too weak: {error.verify_message}.",
            "Issue it anew with an RSA key of 2048 bits or more, or ECDSA, and SHA-256.",
        )
    return (
        f"The server's certificate cannot be trusted: {error.verify_message}.",
        "Look at the certificate on the server and at the CA given here.",
    )


def _names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = names.get_values_for_type(x509.IPAddress)
    return (*names.get_values_for_type(x509.DNSName), *(str(address) for address in addresses))
