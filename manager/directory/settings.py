"""What an administrator says about a directory. The password of its account is kept apart."""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import Annotated, Literal, Self

from ldap3.core.exceptions import LDAPExceptionError
from ldap3.operation.search import parse_filter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from manager.directory.distinguished_name import parts_of

Kind = Literal["active-directory", "samba-ad", "openldap", "389ds", "freeipa"]
Security = Literal["ldaps", "starttls"]
GroupMethod = Literal["token-groups", "matching-rule", "member-of", "walk"]
RoleName = Literal["admin", "operator", "auditor", "read-only"]

DEFAULT_PORTS: dict[Security, int] = {"ldaps": 636, "starttls": 389}
MOST_SERVERS = 16

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?\Z")
_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?\Z")
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*\Z")


class ServerAddress(BaseModel):
    """One server: a name (or an address), and its port."""

    model_config = ConfigDict(frozen=True)
    host: str
    port: int

    def __str__(self) -> str:
        """As people write it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_server(text: str, security: Security) -> ServerAddress:
    """``HOST``, ``HOST:PORT``, ``[IPV6]`` or ``[IPV6]:PORT``; raises ValueError."""
    if "://" in text:
        raise ValueError(
            f"“{text}” is written as a URL: give the name alone, as in dc1.example.org or "
            "dc1.example.org:636, and choose LDAPS or StartTLS beside it"
        )
    host, colon, port = text.rpartition(":")
    bare_ipv6 = text.count(":") > 1 and not text.startswith("[")
    if not colon or bare_ipv6 or text.endswith("]"):
        host, colon, port = text, "", ""
    if colon and not (port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"“{port}” is no port: it is a number from 1 to 65535")
    bare = host.removeprefix("[").removesuffix("]")
    if ":" in bare:
        IPv6Address(bare)
    elif not _HOST.match(bare):
        raise ValueError(f"“{host}” is neither a host name nor an address")
    return ServerAddress(host=bare, port=int(port) if port else DEFAULT_PORTS[security])


def _check_name(name: str) -> str:
    if not _NAME.match(name):
        raise ValueError(
            "a directory's name is what people write behind the @: small letters, digits, dots and "
            "hyphens, at most 63"
        )
    return name


def _check_dn(name: str) -> str:
    parts_of(name)
    return name.strip()


def _check_named_dn(name: str) -> str:
    if not name.strip():
        raise ValueError("a distinguished name is missing, as in dc=example,dc=org")
    return _check_dn(name)


def _check_attribute(name: str) -> str:
    if name and not _ATTRIBUTE.match(name):
        raise ValueError(f"“{name}” is not the name of an attribute")
    return name


def _check_filter(text: str) -> str:
    """In parentheses, and in the form of RFC 4515."""
    text = text.strip()
    if not text:
        return ""
    text = text if text.startswith("(") else f"({text})"
    try:
        parse_filter(text, None, True, False, None, False)
    except LDAPExceptionError as error:
        raise ValueError(
            f"“{text}” is not in the form of a filter, as in (objectClass=person): {error}"
        ) from None
    return text


def _check_ca(pem: str) -> str:
    from cryptography.x509 import load_pem_x509_certificates

    if pem.strip():
        try:
            load_pem_x509_certificates(pem.encode())
        except ValueError:
            raise ValueError(
                "the CA is not in PEM form: it begins with -----BEGIN CERTIFICATE-----; convert "
                "other forms with `openssl x509 -inform der`"
            ) from None
    return pem.strip() + "\n" if pem.strip() else ""


DistinguishedName = Annotated[str, AfterValidator(_check_dn)]
NamedEntry = Annotated[str, AfterValidator(_check_named_dn)]
AttributeName = Annotated[str, AfterValidator(_check_attribute)]


class RoleMapping(BaseModel):
    """Members of a group, direct or nested, get a role.

    ``group`` is its distinguished name; ``group_id`` its stable id once it has been found, by which
    the group is known even after it was renamed or moved.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    group: NamedEntry
    role: RoleName
    group_id: str = ""


class DirectorySettings(BaseModel):
    """How one directory is reached, and what of it counts. Empty texts mean the kind's own way.

    ``ca`` are certificates in PEM that the servers' certificates are verified against; empty, those
    that the Manager's system trusts. ``bind_user`` is the account that searches: a distinguished
    name, on Active Directory also ``user@domain`` or ``DOMAIN\\user``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: Annotated[str, AfterValidator(_check_name)]
    kind: Kind
    servers: tuple[str, ...] = Field(min_length=1, max_length=MOST_SERVERS)
    security: Security = "ldaps"
    ca: Annotated[str, AfterValidator(_check_ca)] = ""
    bind_user: str = Field(min_length=1, max_length=1024)
    base: NamedEntry
    user_attribute: AttributeName = ""
    user_filter: Annotated[str, AfterValidator(_check_filter)] = Field(default="", max_length=2048)
    group_base: DistinguishedName = ""
    group_method: GroupMethod | Literal[""] = ""
    roles: tuple[RoleMapping, ...] = ()
    enabled: bool = True

    @model_validator(mode="after")
    def _addresses_can_be_read(self) -> Self:
        addresses = self.addresses()
        if len(set(addresses)) < len(addresses):
            raise ValueError("a server is named twice")
        return self

    def addresses(self) -> tuple[ServerAddress, ...]:
        """The servers, in the order in which they are asked."""
        return tuple(read_server(text.strip(), self.security) for text in self.servers)
