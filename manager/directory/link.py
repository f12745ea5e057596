"""One verified connection to one directory server: bind and search, nothing else.

ldap3's SAFE_SYNC strategy answers each call with its own result, so that nothing is read from the
connection's state. Whatever goes wrong below becomes
:class:`~manager.directory.refusals.Unavailable` with the server's name.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import ldap3
from ldap3.core.exceptions import LDAPException, LDAPInvalidFilterError, LDAPObjectClassError

from foundation.secret import Secret
from manager.directory.bind_answers import PASSWORD_POLICY_CONTROL
from manager.directory.refusals import Unavailable
from manager.directory.results import NO_SUCH_ATTRIBUTE, SUCCESS, search_failed
from manager.directory.settings import Security, ServerAddress
from manager.directory.trust import (
    ObservingTls,
    ShownCertificate,
    VerifyingTls,
    explain_handshake,
    read_shown,
)

CONNECT_SECONDS = 3
RECEIVE_SECONDS = 5
PAGE = 500
_PAGED_RESULTS = "1.2.840.113556.1.4.319"

Scope = Literal["BASE", "LEVEL", "SUBTREE"]


@dataclass(frozen=True)
class Entry:
    """An entry as it came: attributes by their names in small letters, values as bytes."""

    dn: str
    attributes: Mapping[str, Sequence[bytes]]

    def values(self, attribute: str) -> Sequence[bytes]:
        """All values; empty when there is none or it may not be read."""
        return self.attributes.get(attribute.lower(), ())

    def texts(self, attribute: str) -> list[str]:
        """All values as text."""
        return [value.decode(errors="replace") for value in self.values(attribute)]

    def text(self, *attributes: str) -> str:
        """The first value of the first of ``attributes`` that has any; empty without."""
        return next((text for name in attributes for text in self.texts(name)), "")


class Link:
    """An open connection; made by :func:`open_link`."""

    def __init__(self, connection: Any, where: str) -> None:
        """``where`` is the server, for messages."""
        self._connection = connection
        self.where = where

    def bind(self, user: str, password: Secret) -> Mapping[str, Any]:
        """Sign in; returns the server's result, whatever it is.

        Raises ValueError for an empty password: servers take that for an anonymous bind and say
        yes to it (RFC 4513, 5.1.2).
        """
        if not password or not user:
            raise ValueError("a bind needs a name and a password")
        connection = self._connection
        connection.user, connection.password = user, password.reveal().encode()
        connection.authentication = ldap3.SIMPLE
        try:
            with self._talking():
                answer = connection.bind(
                    read_server_info=False, controls=[(PASSWORD_POLICY_CONTROL, False, None)]
                )
        finally:
            connection.user = connection.password = None
        return dict(answer[1])

    def search(
        self,
        base: str,
        wanted: str,
        attributes: Sequence[str],
        *,
        scope: Scope = "SUBTREE",
        most: int = 0,
    ) -> Iterator[Entry]:
        """The entries below ``base`` that the filter ``wanted`` finds, page by page.

        After ``most`` entries it ends (0: never). What the server refers to elsewhere is left out.
        """
        cookie: bytes | None = None
        found = 0
        while True:
            with self._talking():
                _, result, response, _ = self._connection.search(
                    base,
                    wanted,
                    search_scope=scope,
                    dereference_aliases=ldap3.DEREF_NEVER,
                    attributes=list(attributes) or [ldap3.NO_ATTRIBUTES],
                    time_limit=RECEIVE_SECONDS,
                    paged_size=PAGE if scope != "BASE" else None,
                    paged_cookie=cookie,
                )
            if result["result"] not in (SUCCESS, NO_SUCH_ATTRIBUTE):
                raise search_failed(result, base, self.where)
            for entry in _entries(response):
                yield entry
                found += 1
                if found == most:
                    return
            control = (result.get("controls") or {}).get(_PAGED_RESULTS) or {}
            cookie = (control.get("value") or {}).get("cookie")
            if not cookie:
                return

    def read(self, dn: str, attributes: Sequence[str], wanted: str = "(objectClass=*)") -> Entry:
        """One entry by its name; raises Unavailable when there is none."""
        for entry in self.search(dn, wanted, attributes, scope="BASE"):
            return entry
        raise search_failed({"result": 32}, dn, self.where)

    def transport(self) -> tuple[str, ShownCertificate | None]:
        """The version of TLS, and the certificate that the server has shown."""
        channel = self._connection.socket
        return channel.version() or "TLS", read_shown(channel.getpeercert(binary_form=True))

    @contextmanager
    def _talking(self) -> Iterator[None]:
        try:
            yield
        except (LDAPInvalidFilterError, LDAPObjectClassError) as error:
            raise Unavailable(
                f"The filter is not in the form of LDAP: {error}.",
                "Correct it; it is written as in (objectClass=person).",
                where=self.where,
                retry=False,
            ) from error
        except (LDAPException, OSError) as error:
            late = "timed out" in str(error) or "temporarily unavailable" in str(error)
            raise Unavailable(
                f"The server did not answer within {RECEIVE_SECONDS} s."
                if late
                else "The server ended the connection.",
                "See whether the directory's server is up and not overloaded.",
                where=self.where,
                details=str(error),
            ) from error


def _entries(response: Sequence[Mapping[str, Any]]) -> Iterator[Entry]:
    for item in response:
        if item["type"] == "searchResEntry":
            yield Entry(
                item["dn"],
                {name.lower(): values for name, values in item["raw_attributes"].items()},
            )


@contextmanager
def open_link(
    address: ServerAddress, security: Security, context: ssl.SSLContext
) -> Iterator[Link]:
    """A connection under TLS, not yet bound; raises Unavailable with what is wrong."""
    tls = VerifyingTls(context, address.host)
    connection = _connection(address, security, tls)
    try:
        try:
            connection.open(read_server_info=False)
            if security == "starttls":
                connection.start_tls(read_server_info=False)
        except (LDAPException, OSError) as error:
            raise _explain_opening(address, security, tls, error) from error
        if not isinstance(connection.socket, ssl.SSLSocket):
            raise Unavailable(
                "The connection is not encrypted, although the server agreed to it.",
                "Use LDAPS, and report this: it is a defect in the Manager.",
                where=str(address),
            )
        yield Link(connection, str(address))
    finally:
        _close(connection)


def observe_certificate(address: ServerAddress, security: Security) -> ShownCertificate | None:
    """The certificate that the server shows, trusted or not; None when it shows none."""
    tls = ObservingTls(address.host)
    connection = _connection(address, security, tls)
    try:
        connection.open(read_server_info=False)
        if security == "starttls":
            connection.start_tls(read_server_info=False)
    except (LDAPException, OSError):
        return None
    finally:
        _close(connection)
    return read_shown(tls.certificate) if tls.certificate else None


def _connection(address: ServerAddress, security: Security, tls: VerifyingTls) -> Any:
    server = ldap3.Server(
        address.host,
        port=address.port,
        use_ssl=security == "ldaps",
        tls=tls,
        get_info=ldap3.NONE,
        connect_timeout=CONNECT_SECONDS,
    )
    return ldap3.Connection(
        server,
        client_strategy=ldap3.SAFE_SYNC,
        auto_referrals=False,
        auto_range=False,
        check_names=False,
        read_only=True,
        raise_exceptions=False,
        return_empty_attributes=False,
        receive_timeout=RECEIVE_SECONDS,
    )


def _close(connection: Any) -> None:
    try:
        connection.unbind()
    except (LDAPException, OSError):
        connection.strategy.close()


def _explain_opening(
    address: ServerAddress, security: Security, tls: VerifyingTls, error: Exception
) -> Unavailable:
    where = str(address)
    if tls.error is not None:
        shown = None
        if isinstance(tls.error, ssl.SSLCertVerificationError):
            shown = observe_certificate(address, security)
        cause, remedy = explain_handshake(tls.error, address.host, shown, datetime.now(UTC))
        seen = f"certificate {shown}" if shown else ""
        return Unavailable(cause, remedy, where=where, details=str(tls.error), value=seen)
    text = str(error)
    for words, cause, remedy in _OPENING:
        if any(word in text for word in words):
            return Unavailable(cause.format(address=address), remedy, where=where, details=text)
    return Unavailable(
        f"No connection to {address}.",
        "See whether the server is up and can be reached from the Manager.",
        where=where,
        details=text,
    )


_OPENING: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("invalid server address",),
        "The name of the server, {address}, does not resolve.",
        "Correct the name, or the Manager's DNS servers.",
    ),
    (
        ("refused",),
        "Nothing answers at {address}: the connection was refused.",
        "See whether the directory's service runs, and whether the port is right.",
    ),
    (
        ("timed out",),
        "{address} does not answer.",
        "See whether the server is up, and whether a firewall lets the Manager through.",
    ),
    (
        ("unreachable", "No route"),
        "There is no way to {address} through the network.",
        "See the Manager's network and gateway.",
    ),
    (
        ("startTLS failed", "terminated by server", "unavailable"),
        "The server offers no StartTLS.",
        "Give the directory's server a certificate, or use LDAPS.",
    ),
)
