"""One Manager's API over HTTPS: calls, and the words for everything that can go wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from foundation.failure import Failure
from foundation.secret import Secret
from manager.client.exits import NoAccess, NotThere, NotTrusted, Unreachable, WrongState

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 60.0
_STREAM_SECONDS = 45.0  # the Manager's stream says each 15 s that it is still there
_KINDS: dict[int, type[Failure]] = {
    401: NoAccess,
    403: NoAccess,
    404: NotThere,
    409: WrongState,
    503: Unreachable,
}


class Connection:
    """Calls of the API at ``url``, trusting only the CA in ``ca_file``.

    ``token`` is an API token; otherwise ``cookies`` and ``csrf`` are those of a session.
    """

    def __init__(
        self,
        url: str,
        ca_file: Path,
        *,
        token: Secret | None = None,
        cookies: Mapping[str, Secret] | None = None,
        csrf: Secret | None = None,
    ) -> None:
        """Nothing is sent yet."""
        self.url = url
        self._http = requests.Session()
        self._http.trust_env = False  # a proxy of the environment would see the secrets
        self._http.verify = str(ca_file)
        self._http.mount("https://", HTTPAdapter(max_retries=0))
        self._http.headers["Accept"] = "application/json"
        self._http.headers["User-Agent"] = "flexvdi-managerctl"
        if token:
            self._http.headers["Authorization"] = f"Bearer {token.reveal()}"
        for name, value in (cookies or {}).items():
            self._http.cookies.set(name, value.reveal())
        if csrf:
            self._http.headers["X-CSRF-Token"] = csrf.reveal()

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        """The answer's JSON, None of an empty one; raises Failure with the Manager's own words."""
        answer = self._send(method, path, query=query, body=body)
        _raise_for(answer)
        if not answer.content:
            return None
        if "json" not in answer.headers.get("Content-Type", ""):
            return answer.text
        return answer.json()

    def download(self, path: str, query: Mapping[str, Any] | None = None) -> Iterator[bytes]:
        """The answer in pieces, for what is no JSON or too large to hold."""
        answer = self._send("GET", path, query=query, stream=True)
        _raise_for(answer)
        with answer, _explained(self.url):
            yield from answer.iter_content(1 << 16)

    def events(self, path: str, query: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """The Manager's events as they happen (Server-Sent Events), until the stream ends."""
        answer = self._send("GET", path, query=query, stream=True, seconds=_STREAM_SECONDS)
        _raise_for(answer)
        with answer, _explained(self.url):
            for line in answer.iter_lines(chunk_size=1, decode_unicode=False):
                if line.startswith(b"data:"):
                    event: dict[str, Any] = json.loads(line[5:])
                    yield event

    @property
    def cookies(self) -> dict[str, Secret]:
        """The cookies that the Manager has set."""
        return {name: Secret(value) for name, value in self._http.cookies.items() if value}

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        stream: bool = False,
        seconds: float = _READ_SECONDS,
    ) -> requests.Response:
        with _explained(self.url):
            return self._http.request(
                method,
                self.url + path,
                params=dict(query or {}),
                json=body,
                stream=stream,
                timeout=(_CONNECT_SECONDS, seconds),
                allow_redirects=False,
            )


class _explained:
    """Turn what the HTTP library raises into cause and remedy."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, requests.exceptions.SSLError):
            raise _not_trusted(self._url, error) from error
        if isinstance(error, requests.exceptions.RequestException):
            raise Unreachable(
                f"The Manager at {self._url} does not answer.",
                "Check that it runs and that no firewall is in between; then try again.",
                details=str(error)[:300],
            ) from error


def _not_trusted(url: str, error: Exception) -> Failure:
    text = str(error)
    if "doesn't match" in text or "Hostname mismatch" in text or "IP address mismatch" in text:
        return NotTrusted(
            f"The Manager's certificate is not made out for the address in {url}.",
            "Connect by a name that it is made out for, or add this one to the certificate.",
        )
    if "expired" in text or "not yet valid" in text:
        return NotTrusted(
            "The Manager's certificate is not valid now.",
            "Compare the clocks of both machines; then have the Manager renew its certificate.",
        )
    return NotTrusted(
        f"What answers at {url} is not the Manager that was connected to: another CA signed it.",
        "If the Manager was set up anew, compare the fingerprint and connect again.",
    )


def _raise_for(answer: requests.Response) -> None:
    if answer.ok and answer.status_code < 300:
        return
    try:
        told = answer.json()
    except ValueError:
        told = {}
    told = told if isinstance(told, dict) else {}
    kind = _KINDS.get(answer.status_code, Failure)
    cause = str(told.get("cause") or f"The Manager answers with status {answer.status_code}.")
    where = str(told.get("where") or "")
    raise kind(
        cause,
        str(told.get("remedy") or "The Manager's log has the details."),
        # The API names the field in its sentence, too: once is enough on a line.
        where="" if cause.startswith(f"{where}: ") else where,
        details=str(told.get("details") or ""),
    )
