"""How a host asks to become part of a platform: the join string, the request and its answer.

The Manager makes the join string and a person carries it to the host, so it is one line that can
be pasted, and typed if need be. It holds all that the host must know to trust the right Manager
and to be trusted by it: address, the fingerprint of the Manager's CA, and a one-time token.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from ipaddress import ip_address

from pydantic import BaseModel, ConfigDict

from foundation.failure import Failure
from foundation.secret import Secret

HTTPS_PORT = 443
AGENTS_PORT = 8444
# The version of the Agent protocol (agent.protocol.version), which a host says when it joins.
AGENT_PROTOCOL = "1.1"
# The name that hosts ask for in TLS (SNI), so that the Manager shows the certificate of its own CA
# also where it is reached by a name for which an administrator has brought another one.
OWN_CA_NAME = "manager.flexvdi.internal"
ENROLMENT_PATH = "/api/v1/enrolment"
CA_PATH = "/api/v1/ca"
_SCHEME = "flexvdi-join"
_VERSION = "v1"
_REMEDY = "Copy the whole line that the Manager shows below Hosts, Add a host."
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
# Base32 after RFC 4648: no 0, 1 or 8 that could be taken for a letter.
_TOKEN = re.compile(r"[A-Z2-7]{16,64}")
_ADDRESS = re.compile(r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]{1,253}")


@dataclass(frozen=True)
class ManagerAddress:
    """Where a Manager is reached, and how it is known: the SHA-256 of its CA's DER form, in hex."""

    address: str
    port: int
    fingerprint: str

    @property
    def url(self) -> str:
        """The start of its URLs, as in ``https://10.0.0.5:8443``."""
        return f"https://{bracketed(self.address)}:{self.port}"


@dataclass(frozen=True)
class JoinString:
    """What the line says; ``str`` of it would show the token, so only :meth:`line` does."""

    manager: ManagerAddress
    token: Secret

    def line(self) -> Secret:
        """The line as people copy it; it is a secret until the token is used or has expired."""
        place = bracketed(self.manager.address)
        if self.manager.port != HTTPS_PORT:
            place += f":{self.manager.port}"
        parts = (_SCHEME, _VERSION, place, self.manager.fingerprint, self.token.reveal())
        return Secret(":".join(parts))


def read_join_string(text: str) -> JoinString:
    """The join string in ``text``, spaces and case aside; raises Failure saying what is wrong."""
    line = "".join(text.split())
    parts = re.findall(r"\[[^\]]*\]|[^:]+", line)
    if not parts or parts[0].lower() != _SCHEME:
        raise Failure(f"This is no join string: it does not begin with “{_SCHEME}:”.", _REMEDY)
    if len(parts) < 2 or parts[1].lower() != _VERSION:
        raise Failure(
            "This join string is of a form that this host does not know.",
            "Upgrade the host to the Manager's version.",
        )
    if len(parts) not in (5, 6):
        raise Failure("This join string is not complete.", _REMEDY)
    address, port = check_manager_address(":".join(parts[2:-2]))
    return JoinString(
        ManagerAddress(address, port, check_fingerprint(parts[-2])), check_token(Secret(parts[-1]))
    )


def check_manager_address(text: str) -> tuple[str, int]:
    """``ADDRESS[:PORT]`` taken apart, the port HTTPS's unless given; raises Failure.

    An IPv6 address may stand in brackets, and must with a port.
    """
    text = text.strip()
    try:
        return str(ip_address(text)), HTTPS_PORT
    except ValueError:
        pass
    found = re.fullmatch(rf"({_ADDRESS.pattern})(?::([0-9]{{1,5}}))?", text)
    port = int(found[2]) if found is not None and found[2] else HTTPS_PORT
    if found is None or not 0 < port < 65536 or not _is_name_or_address(found[1].strip("[]")):
        raise Failure(
            f"“{text}” is not an address of a Manager.",
            "Write a name or an address, with :PORT after it if it is not 443.",
            where="address",
        )
    return found[1].strip("[]"), port


def _is_name_or_address(text: str) -> bool:
    if ":" in text or re.fullmatch(r"[0-9.]+", text):
        try:
            ip_address(text)
        except ValueError:
            return False
        return True
    return all(re.fullmatch(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)", label) for label in text.split("."))


def check_fingerprint(text: str) -> str:
    """A SHA-256 fingerprint, with or without colons, in lower case; raises Failure."""
    fingerprint = re.sub(r"[\s:-]", "", text).lower()
    if _FINGERPRINT.fullmatch(fingerprint) is None:
        raise Failure(
            "This is not a fingerprint: it must be 64 hexadecimal digits, "
            f"and these are {len(fingerprint)} characters.",
            _REMEDY,
            where="fingerprint",
        )
    return fingerprint


def check_token(token: Secret) -> Secret:
    """A join token in the form the Manager keeps it; raises Failure, which does not repeat it."""
    text = re.sub(r"[\s-]", "", token.reveal()).upper()
    if _TOKEN.fullmatch(text) is None:
        raise Failure("The token at the end of the join string is damaged.", _REMEDY, where="token")
    return Secret(text)


def fingerprint_of(der: bytes) -> str:
    """The fingerprint of a certificate in DER form."""
    return hashlib.sha256(der).hexdigest()


def readable_fingerprint(fingerprint: str) -> str:
    """In groups, for comparing by eye: ``1F:2A:…``."""
    return ":".join(fingerprint[start : start + 2] for start in range(0, 64, 2)).upper()


def bracketed(address: str) -> str:
    """``address`` as URLs have it: IPv6 in brackets."""
    return f"[{address}]" if ":" in address else address


class _Message(BaseModel):
    """Immutable; keys of a newer side are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class EnrolmentRequest(_Message):
    """What a host posts to ``ENROLMENT_PATH``; one of ``token`` and ``user`` is given.

    ``request`` is a certificate signing request (PEM), ``protocol`` the Agent's, ``code`` a
    one-time code where the administrator signs in with one. ``replace`` says that a host of the
    same identity or name, which is not connected, may be replaced.
    """

    protocol: str
    agent_version: str
    host_id: str
    host_name: str
    request: str
    token: Secret | None = None
    user: str | None = None
    password: Secret | None = None
    code: Secret | None = None
    replace: bool = False
    bridges: tuple[str, ...] = ()


class EnrolmentAnswer(_Message):
    """The host is part of the platform. Certificate and CA are PEM.

    The Agent dials ``agents_port`` at the address the host used. ``bridges`` are those that the
    platform expects on every host.
    """

    certificate: str
    ca: str
    agents_port: int
    manager_version: str
    bridges: tuple[str, ...] = ()
