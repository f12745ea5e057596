"""Getting to know a Manager: its CA comes from itself, and is believed by its fingerprint."""

from __future__ import annotations

import http.client
import ssl
from urllib.parse import urlsplit

from foundation.failure import Failure
from foundation.joining import CA_PATH, HTTPS_PORT, bracketed, fingerprint_of

_SECONDS = 10.0
_MOST_BYTES = 65_536


def url_of(address: str) -> str:
    """``ADDRESS[:PORT]`` or a URL as the start of the API's URLs; raises Failure."""
    parts = urlsplit(address if "://" in address else f"https://{address}")
    try:
        port = parts.port or HTTPS_PORT
    except ValueError:
        port = 0
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or not port:
        raise Failure(
            f"“{address}” is no address of a Manager.",
            "Write a name or address, with :PORT if it is not 443.",
        )
    return f"https://{bracketed(parts.hostname)}" + ("" if port == HTTPS_PORT else f":{port}")


def fetch_ca(url: str) -> str:
    """The CA that the Manager at ``url`` says is its own, in PEM: not to be believed yet."""
    parts = urlsplit(url)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # what comes is a certificate to be compared, no more
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port or HTTPS_PORT, timeout=_SECONDS, context=context
    )
    try:
        connection.request("GET", CA_PATH)
        answer = connection.getresponse()
        text = answer.read(_MOST_BYTES).decode("ascii", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise Failure(
            f"The Manager at {url} does not answer.",
            "Check the address and port, that it runs, and that no firewall is in between.",
            details=str(error),
        ) from error
    finally:
        connection.close()
    if answer.status != 200 or "BEGIN CERTIFICATE" not in text:
        raise Failure(
            f"What answers at {url} is no flexVDI Manager.", "Check the address and port."
        )
    return text


def pem_fingerprint(pem: str) -> str:
    """SHA-256 of the certificate in ``pem``, 64 small hexadecimal digits; raises Failure."""
    try:
        return fingerprint_of(ssl.PEM_cert_to_DER_cert(pem.strip()))
    except ValueError as error:
        raise Failure("The Manager's CA certificate cannot be read.") from error
