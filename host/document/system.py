"""Certificate, logging, firewall and crash dumps of a host."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from foundation.secret import Secret
from host.document.names import ServerName, check_server
from host.document.section import Section

LogProtocol = Literal["udp", "tcp", "tls"]
DEFAULT_LOG_PORTS: dict[LogProtocol, int] = {"udp": 514, "tcp": 514, "tls": 6514}
_PEM_CERTIFICATE = "-----BEGIN CERTIFICATE-----"
_PORT_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?/(tcp|udp|sctp|dccp)")
_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_EXPORT = re.compile(r"(?P<server>\[[0-9a-fA-F:]+\]|[^:/\s]+):(?P<path>/\S*)")


class Certificate(Section):
    """The host's own TLS certificate.

    With a ``chain`` (PEM: the host's certificate, then those between it and the root) and its
    ``key``, these are used. Without, the host signs one itself, for its name, its addresses and
    the further ``names``, valid for ``days``, and makes a new one before it expires, and when
    ``generation`` is another number than before.
    """

    chain: str | None = None
    key: Secret | None = None
    names: tuple[ServerName, ...] = ()
    days: Annotated[int, Field(ge=30, le=3650)] = 825
    generation: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if (self.chain is None) != (self.key is None):
            raise ValueError("a certificate and its private key are given together or not at all")
        if self.chain is not None and self.key is not None:
            from host.document.certificates import check_pair

            check_pair(self.chain, self.key)
        return self


class LogTarget(Section):
    """A server that a copy of the system's log is sent to, after RFC 5424.

    ``port`` None is the protocol's usual one. ``ca`` (PEM) is who must have signed the server's
    certificate, for ``tls``; without, those that the system trusts.
    """

    host: ServerName
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    protocol: LogProtocol = "tcp"
    ca: str | None = None

    @property
    def effective_port(self) -> int:
        """The port that is used."""
        return self.port or DEFAULT_LOG_PORTS[self.protocol]

    @model_validator(mode="after")
    def _ca_fits(self) -> Self:
        if self.ca is not None and self.protocol != "tls":
            raise ValueError("a CA is given, but the protocol is not tls")
        if self.ca is not None and _PEM_CERTIFICATE not in self.ca:
            raise ValueError("the CA is not a certificate in PEM form")
        return self


class Logging(Section):
    """Where logs go besides the host's own journal."""

    target: LogTarget | None = None


def check_port(text: str) -> str:
    """A port or range as firewalld writes them, as in ``443/tcp``; raises ValueError."""
    found = _PORT_RANGE.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text}” is not a port: write it as in 443/tcp or 5900-5910/tcp")
    first, last = int(found[1]), int(found[2] or found[1])
    if not 1 <= first <= last <= 65535:
        raise ValueError(f"“{text}” is not a port: ports go from 1 to 65535, the lower one first")
    return text


def check_service(name: str) -> str:
    """A name as firewalld gives its services; whether it knows it, only a host can tell."""
    if not _SERVICE.fullmatch(name):
        raise ValueError(f"“{name}” is not a service's name: use one as in ssh or https")
    return name


Port = Annotated[str, AfterValidator(check_port)]
ServiceName = Annotated[str, AfterValidator(check_service)]


class Firewall(Section):
    """Whether the host filters what reaches it, and which services pass (firewalld's names)."""

    enabled: bool = True
    services: tuple[ServiceName, ...] = ("ssh",)
    ports: tuple[Port, ...] = ()


class CrashDump(Section):
    """Whether a crash of the kernel leaves a dump.

    ``memory`` (MiB) is set aside for the kernel that writes it, from the next boot on; None lets
    the base decide. ``nfs`` (server:/path) is where it goes; without, ``directory`` on the host.
    """

    enabled: bool = False
    memory: Annotated[int, Field(ge=64, le=4096)] | None = None
    directory: str = "/var/crash"
    nfs: str | None = None

    @field_validator("directory")
    @classmethod
    def _is_absolute(cls, directory: str) -> str:
        if not re.fullmatch(r"(/[A-Za-z0-9._-]+)+", directory) or ".." in directory:
            raise ValueError(
                f"“{directory}” is not a folder: write its whole path, as in /var/crash"
            )
        return directory

    @field_validator("nfs")
    @classmethod
    def _is_export(cls, export: str | None) -> str | None:
        if export is None:
            return None
        found = _EXPORT.fullmatch(export)
        if found is None:
            raise ValueError(f"“{export}” is not an NFS export: write it as in server:/path")
        check_server(found["server"].strip("[]"))
        return export
