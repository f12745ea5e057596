"""A kickstart's files as one list of lines, each of which knows where it came from.

``%ksappend`` and ``%include`` are carried out here, before pykickstart sees anything, with its
rules: both stand for the lines of another file, wherever they are, in sections too. A name is
looked for beside the file that names it, then in the working directory; what was fetched by HTTP
names its neighbours by relative URLs. Unlike pykickstart, the line numbers of all files survive.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import requests

from kickstart.reader.complaints import Complaints, Unreadable

MAXIMUM_SIZE = 8 * 1024 * 1024
"""Bytes; a kickstart is text written by people, so anything larger is another file by mistake."""

_TIMEOUT_SECONDS = 30
_DEPTH = 32
_DIRECTIVES = ("%include", "%ksappend")
# What str.splitlines, and so pykickstart, takes for the end of a line besides the newline.
_OTHER_LINE_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


@dataclass(frozen=True)
class Line:
    """One line without its newline, and its ``file:line``."""

    text: str
    where: str


@dataclass(frozen=True)
class Location:
    """A file or URL. ``name`` is what people are shown; relative names start from ``base``."""

    path: str
    name: str
    base: str

    @classmethod
    def of(cls, path: str, name: str = "") -> Location:
        """The location of a file that was fetched from ``name``, or of the file itself."""
        return cls(path, name or path, name if _is_url(name) else path)


def read_lines(
    start: Location, complaints: Complaints, skip_missing_includes: bool = False
) -> list[Line]:
    """All lines of the kickstart at ``start``, with everything it includes in its place.

    ``skip_missing_includes`` passes over includes that cannot be had: for the look at ``%pre``,
    whose scripts may be what makes them. Raises Unreadable with the reason in ``complaints``.
    """
    text = _load(start, "", complaints)
    if not text.strip():
        raise complaints.stop(
            f"{start.name}:1",
            "The kickstart is empty.",
            "Write at least which disk to install on; `flexvdi-kickstart render` makes one.",
        )
    return _expand(start, text.removesuffix("\n"), (start,), complaints, skip_missing_includes)


def _expand(
    location: Location,
    text: str,
    chain: tuple[Location, ...],
    complaints: Complaints,
    skip_missing: bool,
) -> list[Line]:
    lines: list[Line] = []
    for number, line in enumerate(text.split("\n"), 1):
        where = f"{location.name}:{number}"
        line = line.removesuffix("\r")
        odd = next((character for character in line if character in _OTHER_LINE_ENDS), None)
        if odd is not None:
            raise complaints.stop(
                where,
                f"The line holds an invisible control character (U+{ord(odd):04X}).",
                "Remove it.",
            )
        directive = line.split(maxsplit=1)[0] if line.strip() else ""
        if directive not in _DIRECTIVES:
            lines.append(Line(line, where))
            continue
        wanted = _resolve(_argument(line, where, complaints), location)
        if wanted.path in (one.path for one in chain) or len(chain) > _DEPTH:
            names = " includes ".join(one.name for one in (*chain, wanted))
            raise complaints.stop(where, f"{directive} goes in a circle: {names}.", "Break it.")
        try:
            included = _load(wanted, where, Complaints() if skip_missing else complaints)
        except Unreadable:
            if not skip_missing:
                raise
            continue
        lines += _expand(
            wanted, included.removesuffix("\n"), (*chain, wanted), complaints, skip_missing
        )
    return lines


def _argument(line: str, where: str, complaints: Complaints) -> str:
    try:
        words = shlex.split(line, comments=True)
    except ValueError as error:
        raise complaints.stop(where, "A quotation is not closed.", "Add the quote.") from error
    if len(words) != 2:
        raise complaints.stop(
            where, f"{words[0]} takes one file name or URL.", f"Write {words[0]} FILE."
        )
    return words[1]


def _is_url(name: str) -> bool:
    return "://" in name


def _resolve(name: str, including: Location) -> Location:
    if _is_url(name):
        return Location(name, name, name)
    if _is_url(including.base) and not name.startswith("/"):
        url = urljoin(including.base, name)
        return Location(url, url, url)
    beside = Path(including.base).parent / name
    path = str(beside if beside.exists() or not Path(name).exists() else Path(name))
    return Location(path, path, path)


def _load(location: Location, where: str, complaints: Complaints) -> str:
    """The text of a file or URL; failures are told at ``where``, or at the file itself."""
    at = where or location.name
    data = (_fetch if _is_url(location.path) else _read)(location.path, at, complaints)
    if len(data) > MAXIMUM_SIZE:
        raise complaints.stop(
            at,
            f"{location.name} is larger than {MAXIMUM_SIZE // 1024**2} MiB.",
            "A kickstart is a small text file; name the right one.",
        )
    data = data.rstrip(b"\0\n") + b"\n"  # the padding of the area for an embedded kickstart
    if b"\0" in data:
        raise complaints.stop(
            at, f"{location.name} is a binary file, not a kickstart.", "Name the right file."
        )
    try:
        return data.decode().removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise complaints.stop(
            f"{location.name}:{line}", "The text is not UTF-8.", "Save the file as UTF-8."
        ) from error


def _read(path: str, at: str, complaints: Complaints) -> bytes:
    try:
        with Path(path).open("rb") as stream:
            return stream.read(MAXIMUM_SIZE + 1)
    except FileNotFoundError as error:
        remedy = "Name a file that exists."
        if at != path:
            remedy += (
                " If a %pre script writes it, put a sample of it there to check this kickstart."
            )
        raise complaints.stop(at, f"The file {path} does not exist.", remedy) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise complaints.stop(
            at, f"{path} could not be read: {reason}.", "Name a readable text file."
        ) from error


def _fetch(url: str, at: str, complaints: Complaints) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise complaints.stop(
            at, f"{url} is of a kind that cannot be fetched.", "Use http://, https:// or a file."
        )
    try:
        with requests.get(url, timeout=_TIMEOUT_SECONDS, stream=True) as answer:
            if not answer.ok:
                raise complaints.stop(
                    at,
                    f"The server answered {answer.status_code} {answer.reason} for {url}.",
                    "Check the URL and that the server serves the file.",
                )
            data = b""
            for chunk in answer.iter_content(65536):
                data += chunk
                if len(data) > MAXIMUM_SIZE:
                    break
            return data
    except requests.exceptions.SSLError as error:
        raise complaints.stop(
            at,
            f"The certificate of {url} is not trusted.",
            "Use a certificate that the system trusts.",
        ) from error
    except requests.exceptions.RequestException as error:
        raise complaints.stop(
            at,
            f"{url} could not be fetched: {_reason(error)}.",
            "Check the URL, the network and the server.",
        ) from error


def _reason(error: requests.exceptions.RequestException) -> str:
    kinds = (
        (requests.exceptions.Timeout, f"no answer within {_TIMEOUT_SECONDS} s"),
        (requests.exceptions.ConnectionError, "the server could not be reached"),
        (requests.exceptions.InvalidURL, "it is not a valid URL"),
        (requests.exceptions.TooManyRedirects, "the server redirects in a circle"),
    )
    return next((text for kind, text in kinds if isinstance(error, kind)), type(error).__name__)
