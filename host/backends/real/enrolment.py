"""A Manager's HTTPS port (host.machine.enrolment.EnrolmentLink).

What the Manager is known by is its CA's fingerprint, which a person compared or pasted. So the CA
is fetched from whoever answers and counts only if it has that fingerprint; the request, with its
secret, goes over a connection that this CA vouches for. The name in the certificate is not
compared: the CA signs servers' certificates for this one Manager alone, and the address by which a
host reaches it may be one that it does not know of itself.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic import ValidationError

from foundation.failure import Failure
from foundation.joining import (
    CA_PATH,
    ENROLMENT_PATH,
    OWN_CA_NAME,
    EnrolmentAnswer,
    EnrolmentRequest,
    ManagerAddress,
    bracketed,
    fingerprint_of,
)
from host.machine.enrolment import Authority, NoAnswer, Refused

# Its system takes a connection soon or is not there; an emulated Manager may think for long.
_CONNECTED_WITHIN, _ANSWERED_WITHIN = 20.0, 120.0  # seconds
_LARGEST = 1 << 20  # bytes of an answer


class _Connection(http.client.HTTPSConnection):
    """Asks in TLS for the certificate of the Manager's own CA."""

    own_context: ssl.SSLContext

    def connect(self) -> None:
        """As its base does, under that name."""
        http.client.HTTPConnection.connect(self)
        self.sock.settimeout(_ANSWERED_WITHIN)
        self.sock = self.own_context.wrap_socket(self.sock, server_hostname=OWN_CA_NAME)


class RealEnrolmentLink:
    """http.client, with a context of its own for each call."""

    def authority(self, address: str, port: int) -> Authority:
        """What ``CA_PATH`` holds, and the answer's Date."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        status, date, body = _exchange(context, address, port, "GET", CA_PATH)
        try:
            if status != 200:
                raise ValueError(f"HTTP status {status}")
            fingerprint = fingerprint_of(ssl.PEM_cert_to_DER_cert(body.strip()))
        except ValueError as error:
            raise Failure(
                f"What answers at {bracketed(address)}:{port} is no flexVDI Manager.",
                "Check address and port.",
                where="address",
                details=str(error),
            ) from error
        return Authority(body.strip() + "\n", fingerprint, _clock_ahead(date))

    def enrol(self, manager: ManagerAddress, ca: str, request: EnrolmentRequest) -> EnrolmentAnswer:
        """POST, once."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(cadata=ca)
        said = json.dumps(request.model_dump(mode="json", exclude_none=True))
        status, _date, body = _exchange(
            context, manager.address, manager.port, "POST", ENROLMENT_PATH, said
        )
        if status != 200:
            raise _refusal(status, body)
        try:
            return EnrolmentAnswer.model_validate_json(body)
        except ValidationError as error:
            raise Failure(
                "The Manager's answer cannot be understood.",
                "Upgrade the older of host and Manager.",
                details=str(error.errors(include_input=False, include_url=False)),
            ) from error


def _exchange(
    context: ssl.SSLContext, address: str, port: int, method: str, path: str, said: str = ""
) -> tuple[int, str, str]:
    """Status, Date and body of the answer."""
    connection = _Connection(address, port, timeout=_CONNECTED_WITHIN, context=context)
    connection.own_context = context
    headers = {"Content-Type": "application/json"} if said else {}
    try:
        connection.request(method, path, said or None, headers)
        answer = connection.getresponse()
        body = answer.read(_LARGEST).decode(errors="replace")
        return answer.status, answer.headers.get("Date", ""), body
    except ssl.SSLCertVerificationError as error:
        raise Failure(
            "The Manager's certificate is not accepted: "
            f"{(error.verify_message or 'no reason given').rstrip('.')}.",
            "Check the clocks of both. If the Manager's certificate has expired, renew it there; "
            "if another one was installed, it must be of the Manager's own CA.",
        ) from error
    except (OSError, http.client.HTTPException) as error:
        words = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise NoAnswer(
            f"The Manager at {bracketed(address)}:{port} cannot be reached: "
            f"{str(words).rstrip('.')}.",
            "Check the address, that the Manager runs, and that no firewall is in between.",
            where="address",
        ) from error
    finally:
        connection.close()


def _clock_ahead(date: str) -> float:
    try:
        return time.time() - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return 0.0


def _refusal(status: int, body: str) -> Failure:
    try:
        said: dict[str, Any] = json.loads(body)
        words = {name: str(said.get(name) or "") for name in ("remedy", "where", "details")}
        failure = Failure(str(said["cause"]), **words)
    except (ValueError, KeyError, TypeError, AttributeError):
        failure = Failure(
            f"The Manager refused with HTTP status {status} and no words.",
            "See the Manager's log.",
        )
    if status >= 500:
        return NoAnswer(failure.cause, failure.remedy, details=failure.details)
    return Refused(failure, status)
