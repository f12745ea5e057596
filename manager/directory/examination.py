"""“Test this directory”: everything that sign-in needs, tried in order, one line each.

Each server is looked at from its name to the sign-in of the Manager's account; then the contents
are looked at through the first server that let the account in. What cannot be tried because of
something that failed before is reported as skipped. Nothing is written.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial

from foundation.secret import Secret
from manager.directory.checks import Check, Found, attempt
from manager.directory.contents_examination import Sample, examine_contents, skip_contents
from manager.directory.link import CONNECT_SECONDS, Link, open_link
from manager.directory.refusals import Reason, Unavailable
from manager.directory.settings import DirectorySettings, ServerAddress
from manager.directory.signing_in import account_state, sign_in
from manager.directory.trust import trusting_context

PATIENCE = 45.0
SOON = timedelta(days=30)
_TITLES = {
    "name": "The server's name resolves",
    "port": "The port answers",
    "tls": "TLS, with the certificate verified",
    "bind": "The Manager's account signs in",
}


def examine(
    settings: DirectorySettings, bind_password: Secret, sample: Sample | None = None
) -> Iterator[Check]:
    """Try the directory; yields each check as soon as it is done.

    Servers that are left after ``PATIENCE`` seconds are not tried.
    """
    sample = sample or Sample()
    end = time.monotonic() + PATIENCE
    with ExitStack() as links:
        usable: tuple[ServerAddress, Link] | None = None
        for address in settings.addresses():
            if time.monotonic() > end:
                yield Check("name", _TITLES["name"], "skipped", "time is up", where=str(address))
                continue
            link = yield from _examine_server(address, settings, bind_password, links)
            usable = usable or ((address, link) if link else None)
        if usable is None:
            yield from skip_contents(settings, sample)
        else:
            address, link = usable
            try_password = partial(_try_password, address, settings, sample.password)
            yield from examine_contents(link, settings, sample, try_password)


def _examine_server(
    address: ServerAddress, settings: DirectorySettings, bind_password: Secret, links: ExitStack
) -> Generator[Check, None, Link | None]:
    """The checks of one server; returns the connection with the account signed in, if it is."""
    opened: list[Link] = []

    def tls() -> Found:
        context = trusting_context(settings.ca)
        opened.append(links.enter_context(open_link(address, settings.security, context)))
        return _describe_tls(opened[0])

    def bind() -> Found:
        sign_in(opened[0], settings.bind_user, bind_password)
        return Found(settings.bind_user)

    steps: dict[str, Callable[[], Found]] = {
        "name": lambda: _resolve(address),
        "port": lambda: _knock(address),
        "tls": tls,
        "bind": bind,
    }
    failed = False
    for name, step in steps.items():
        if failed:
            yield Check(name, _TITLES[name], "skipped", where=str(address))
            continue
        check = attempt(name, _TITLES[name], step, where=str(address))
        failed = check.state == "failed"
        yield check
    return None if failed else opened[0]


def _try_password(
    address: ServerAddress, settings: DirectorySettings, password: Secret, dn: str
) -> Reason | None:
    with open_link(address, settings.security, trusting_context(settings.ca)) as link:
        return account_state(link, dn, password)


def _resolve(address: ServerAddress) -> Found:
    try:
        answers = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise Unavailable(
            f"The name {address.host} does not resolve: {error.strerror}.",
            "Correct the name, or the Manager's DNS servers.",
        ) from error
    return Found(", ".join(dict.fromkeys(str(answer[4][0]) for answer in answers)))


def _knock(address: ServerAddress) -> Found:
    started = time.monotonic()
    try:
        socket.create_connection((address.host, address.port), CONNECT_SECONDS).close()
    except ConnectionRefusedError as error:
        raise Unavailable(
            f"Nothing listens at {address}: the connection was refused.",
            "See whether the directory's service runs, and whether the port is right: LDAPS is "
            "636, StartTLS is 389.",
        ) from error
    except TimeoutError as error:
        raise Unavailable(
            f"{address} did not answer within {CONNECT_SECONDS} s.",
            "See whether the server is up, and whether a firewall lets the Manager through.",
        ) from error
    except OSError as error:
        raise Unavailable(
            f"{address} cannot be reached: {error.strerror or error}.",
            "See the network and the gateway of the Manager.",
        ) from error
    return Found(f"{(time.monotonic() - started) * 1000:.1f} ms")


def _describe_tls(link: Link) -> Found:
    version, shown = link.transport()
    value = f"{version}; certificate {shown}"
    now = datetime.now(UTC)
    if shown and shown.not_after - now < SOON:
        return Found(
            value,
            (
                f"The server's certificate expires on {shown.not_after:%Y-%m-%d}.",
                "Renew it before then: afterwards nobody of this directory can sign in.",
            ),
        )
    return Found(value)
