"""Fetching a kickstart from a web server, with patience and with plain words when it fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Event
from time import monotonic
from urllib.parse import urlsplit

import requests

from foundation.failure import Cancelled, Failure
from installer.answers.locations import HttpLocation

log = logging.getLogger("flexvdi.installer")

PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 15.0)
"""Seconds between the attempts: a switch port in spanning tree needs 30 s until it forwards."""
CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 30.0
WHOLE_TIMEOUT = 120.0
LARGEST_KICKSTART = 8 << 20

_REFUSED: dict[int, tuple[str, str]] = {
    401: ("asks for a user name and password", "Put them into the URL: https://USER:PASSWORD@…"),
    403: ("forbids reading it", "Check the permissions of the file on the server."),
    404: ("has no such file (404)", "Check the path; the server's log shows what was asked for."),
    410: ("has no such file any more (410)", "Check the path."),
}


class _TryAgain(Exception):
    """What may be better in a moment; carries the Failure for when it is not."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.cause)
        self.failure = failure


def fetch_from_web(
    location: HttpLocation,
    *,
    say: Callable[[str], None],
    cancel: Event,
    headers: Mapping[str, str] | None = None,
    verify_tls: bool = True,
    proxy: str | None = None,
    pauses: tuple[float, ...] = PAUSES,
) -> bytes:
    """The content at ``location``; raises Failure with the cause once all attempts are used up.

    What can pass by itself (no answer, server errors) is tried again after each of ``pauses``
    (seconds) and ``say`` is told; what cannot (not found, certificate) fails at once.
    """
    if not verify_tls:
        say(f"Warning: the certificate of {location} is not checked (inst.noverifyssl).")
    for attempt, pause in enumerate((*pauses, None), 1):
        say(f"Fetching {location}" + (f" (attempt {attempt})" if attempt > 1 else ""))
        try:
            return _get(location, headers or {}, verify_tls, proxy, cancel)
        except _TryAgain as reason:
            if pause is None:
                raise reason.failure from reason.__cause__
            say(f"{reason.failure.cause} Trying again in {pause:.0f} s.")
            if cancel.wait(pause):
                raise Cancelled("fetching the kickstart") from None
    raise AssertionError("unreachable")


def _get(
    location: HttpLocation,
    headers: Mapping[str, str],
    verify_tls: bool,
    proxy: str | None,
    cancel: Event,
) -> bytes:
    server = urlsplit(location.url).netloc.rpartition("@")[2]
    proxies = {"http": proxy, "https": proxy} if proxy else None
    deadline = monotonic() + WHOLE_TIMEOUT
    try:
        with requests.get(
            location.url,
            headers={"User-Agent": "flexvdi-install", **headers},
            verify=verify_tls,
            proxies=proxies,
            stream=True,
            timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
        ) as response:
            _judge(response, server, location)
            content = bytearray()
            for chunk in response.iter_content(1 << 16):
                content += chunk
                if cancel.is_set():
                    raise Cancelled("fetching the kickstart")
                if len(content) > LARGEST_KICKSTART:
                    raise Failure(
                        f"{location} is larger than {LARGEST_KICKSTART >> 20} MiB, "
                        "so it is no kickstart.",
                        "Check the path.",
                    )
                if monotonic() > deadline:
                    raise requests.exceptions.ReadTimeout()
            return bytes(content)
    except requests.exceptions.SSLError as error:
        raise Failure(
            f"The certificate of {server} is not trusted.",
            "Use a certificate of a known authority, set the clock, "
            "or boot with inst.noverifyssl if you accept the risk.",
            details=_words(error),
        ) from error
    except requests.exceptions.ProxyError as error:
        raise _TryAgain(
            Failure("The proxy does not answer.", "Check inst.proxy=.", details=_words(error))
        ) from error
    except requests.exceptions.Timeout as error:
        raise _TryAgain(
            Failure(
                f"The server {server} did not answer in time.",
                "Check the address, the route to it and any firewall between; "
                "kernel arguments such as ip= and vlan= set the network up.",
            )
        ) from error
    except requests.exceptions.ConnectionError as error:
        raise _TryAgain(_no_connection(server, error)) from error
    except requests.exceptions.RequestException as error:
        raise Failure(
            f"{location} could not be fetched: {type(error).__name__}.",
            "Check the URL.",
            details=_words(error),
        ) from error


def _judge(response: requests.Response, server: str, location: HttpLocation) -> None:
    status = response.status_code
    if status == 200:
        return
    if status in _REFUSED:
        what, remedy = _REFUSED[status]
        raise Failure(f"The server {server} {what}: {location}.", remedy)
    failure = Failure(
        f"The server {server} answered {status} {response.reason} for {location}.",
        "Look at the server's log.",
    )
    raise _TryAgain(failure) if status >= 500 or status == 429 else failure


def _no_connection(server: str, error: Exception) -> Failure:
    said = _words(error)
    if "resolve" in said or "Name or service" in said:
        return Failure(
            f"The name of the server {server} is not known.",
            "Check the name and the DNS servers (nameserver= on the kernel line).",
        )
    if "refused" in said:
        return Failure(
            f"The server {server} refused the connection.",
            "Check that the web server runs and listens on this port.",
        )
    if "unreachable" in said or "No route" in said:
        return Failure(
            f"There is no route to the server {server}.",
            "Check cable and address of this machine; "
            "kernel arguments such as ip= and vlan= set the network up.",
        )
    return Failure(
        f"The connection to the server {server} failed.",
        "Check the server and the network between.",
        details=said,
    )


def _words(error: Exception) -> str:
    """The error's own words without the URL, which may hold a password."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return str(reason or type(error).__name__)
