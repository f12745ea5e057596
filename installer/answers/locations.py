"""What ``inst.ks=`` may say, as values. Pure.

The forms are those of Anaconda's documentation of boot options: ``http://`` and ``https://``,
``nfs:[options:]server:/path`` and ``nfs://server/path``, ``hd:device[:path]`` (device by name,
``LABEL=`` or ``UUID=``), ``cdrom[:device][:path]`` and ``file:path``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from foundation.failure import Failure
from foundation.secret import MASK, Secret

FORMS = (
    "http(s)://SERVER/PATH, nfs:SERVER:/PATH, hd:DEVICE:/PATH (DEVICE may be LABEL=… or UUID=…), "
    "cdrom:/PATH or file:/PATH"
)
DEFAULT_PATH = "/ks.cfg"
# An IPv6 address stands in brackets, as mount.nfs(8) wants it too.
_NFS = re.compile(r"((?P<options>[^:\[\]]*):)?(?P<server>\[[^\[\]]+\]|[^:\[\]]+):(?P<path>/.*)")


@dataclass(frozen=True)
class HttpLocation:
    """A file on a web server; the URL may hold a password."""

    url: str

    @property
    def password(self) -> Secret | None:
        """The password in the URL."""
        password = urlsplit(self.url).password
        return Secret(password) if password else None

    @property
    def without_user(self) -> str:
        """The URL without user name and password, fit for a command line."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    def __str__(self) -> str:
        """The URL with its password masked."""
        parts = urlsplit(self.url)
        if not parts.password:
            return self.url
        return self.url.replace(f":{parts.password}@", f":{MASK}@", 1)

    def __repr__(self) -> str:
        """As :meth:`__str__`: reprs end up in logs."""
        return f"HttpLocation({self})"


@dataclass(frozen=True)
class NfsLocation:
    """A file on an NFS export; ``options`` are mount's."""

    server: str
    path: str
    options: str = ""

    def __str__(self) -> str:
        """As typed."""
        options = f"{self.options}:" if self.options else ""
        return f"nfs:{options}{self.server}:{self.path}"


@dataclass(frozen=True)
class DiskLocation:
    """A file on a partition or stick: ``device`` is a name, ``LABEL=…`` or ``UUID=…``."""

    device: str
    path: str = DEFAULT_PATH

    def __str__(self) -> str:
        """As typed."""
        return f"hd:{self.device}:{self.path}"


@dataclass(frozen=True)
class MediumLocation:
    """A file on the install medium itself, or on another CD; ``device`` None looks at all."""

    path: str = DEFAULT_PATH
    device: str | None = None

    def __str__(self) -> str:
        """As typed."""
        device = f"{self.device}:" if self.device else ""
        return f"cdrom:{device}{self.path}"


@dataclass(frozen=True)
class FileLocation:
    """A file of the live system."""

    path: str

    def __str__(self) -> str:
        """As typed."""
        return f"file:{self.path}"


Location = HttpLocation | NfsLocation | DiskLocation | MediumLocation | FileLocation


def parse_location(text: str) -> Location:
    """Read one value of ``inst.ks=``; raises Failure that lists the forms there are."""
    scheme, colon, rest = text.partition(":")
    match scheme:
        case "http" | "https" if rest.startswith("//"):
            return _http(text)
        case "nfs":
            return _nfs(text, rest)
        case "hd" if rest:
            device, _, path = rest.partition(":")
            return DiskLocation(device, _absolute(path or DEFAULT_PATH))
        case "cdrom":
            return _cdrom(rest)
        case "file" if rest:
            return FileLocation(_absolute(rest.removeprefix("//")))
        case _ if not colon and text.startswith("/"):
            return FileLocation(text)
    raise _not_a_location(text)


def _http(text: str) -> HttpLocation:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise _not_a_location(text) from error
    if not parts.hostname:
        raise _not_a_location(text)
    return HttpLocation(text)


def _nfs(text: str, rest: str) -> NfsLocation:
    if rest.startswith("//"):
        server, slash, path = rest[2:].partition("/")
        if server and slash and path:
            return NfsLocation(server.rstrip(":"), f"/{path}")
        raise _not_a_location(text)
    found = _NFS.fullmatch(rest)
    if found is None:
        raise _not_a_location(text)
    return NfsLocation(found["server"], found["path"], found["options"] or "")


def _cdrom(rest: str) -> MediumLocation:
    if not rest:
        return MediumLocation()
    first, colon, path = rest.partition(":")
    if colon or first.startswith("/dev/"):
        return MediumLocation(_absolute(path or DEFAULT_PATH), first or None)
    return MediumLocation(_absolute(first))


def _absolute(path: str) -> str:
    return str(PurePosixPath("/") / path.lstrip("/"))


def _not_a_location(text: str) -> Failure:
    shown = str(HttpLocation(text)) if text.startswith("http") and "@" in text else text
    return Failure(f"“{shown}” is no place to find a kickstart at.", f"Write it as {FORMS}.")
