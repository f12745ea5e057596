"""Bringing a support bundle where it is wanted: a file, a stick, or a web server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import BinaryIO

from foundation.failure import Cancelled, Failure
from host.api.support import BundleProgress
from host.machine import Machine
from host.redaction import without_login

OnProgress = Callable[[BundleProgress], None]

_CHUNK = 1 << 18
_WEB = ("http://", "https://")
_POST = "post+"
_STICK = "usb:"
_TIMEOUT = (15.0, 300.0)  # seconds: to connect, and between two answers


def check_target(target: str) -> None:
    """Refuse a target that is none, before anything is collected; raises Failure."""
    address = target.removeprefix(_POST)
    if address.startswith(_WEB):
        if not address.partition("://")[2].partition("/")[0]:
            raise Failure(f"{target} names no server.", "Write it as in https://host/path/.")
    elif target.startswith(_STICK):
        if not target.removeprefix(_STICK).startswith("/dev/"):
            raise Failure(f"{target} names no stick.", "Write it as in usb:/dev/sdb1.")
    elif "://" in target:
        raise Failure(f"{target} is of a kind that cannot be sent to.", "Use http or https.")
    elif not target.startswith("/"):
        raise Failure(f"{target} is no path.", "Write the whole path, as in /root/.")


def deliver(
    bundle: Path, target: str, machine: Machine, on_progress: OnProgress, cancel: Event | None
) -> str:
    """Leave ``bundle`` at ``target``; returns the place, without a password in it."""
    address = target.removeprefix(_POST)
    if address.startswith(_WEB):
        return _send(bundle, address, target.startswith(_POST), on_progress, cancel)
    if target.startswith(_STICK):
        device = target.removeprefix(_STICK)
        with machine.media.mounted(device) as folder:
            _copy(bundle, folder / bundle.name, on_progress, cancel)
        return f"{bundle.name} on {device}"
    path = Path(target)
    if path.is_dir():
        path = path / bundle.name
    _copy(bundle, path, on_progress, cancel)
    return str(path)


def _copy(bundle: Path, path: Path, on_progress: OnProgress, cancel: Event | None) -> None:
    """Copy; a copy that is not whole does not stay."""
    try:
        with bundle.open("rb") as source:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as place:
                    for chunk in _chunks(source, bundle.stat().st_size, on_progress, cancel):
                        place.write(chunk)
                    place.flush()
                    os.fsync(place.fileno())
            except BaseException:
                path.unlink(missing_ok=True)
                raise
    except FileExistsError as error:
        raise Failure(f"{path} exists already.", "Name another file.") from error
    except OSError as error:
        raise Failure(
            f"The bundle could not be written to {path}: {error.strerror}.",
            "Choose another place, or make room there.",
        ) from error


def _send(bundle: Path, url: str, post: bool, on_progress: OnProgress, cancel: Event | None) -> str:
    """PUT or POST it; a URL that ends with a slash gets the bundle's name."""
    import requests

    if url.endswith("/"):
        url += bundle.name
    size = bundle.stat().st_size
    place = without_login(url)
    headers = {"Content-Type": "application/gzip", "Content-Length": str(size)}
    try:
        with bundle.open("rb") as source:
            answer = requests.request(
                "POST" if post else "PUT",
                url,
                data=_Counted(_chunks(source, size, on_progress, cancel), size),
                headers=headers,
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
    except requests.exceptions.SSLError as error:
        raise Failure(
            f"The certificate of {place} is not trusted.", "Have its CA trusted by this host."
        ) from error
    except requests.RequestException as error:
        raise Failure(
            f"{place} could not be reached.", "Check the address and the network."
        ) from error
    if not answer.ok or answer.is_redirect:
        raise Failure(
            f"{place} refuses the bundle: {answer.status_code} {answer.reason}.",
            "Check the path, and whether it takes uploads.",
        )
    return place


class _Counted:
    """Chunks with a length, so that they are sent as they are and not in HTTP's own chunks."""

    def __init__(self, chunks: Iterator[bytes], size: int) -> None:
        self._chunks = chunks
        self._size = size

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def __len__(self) -> int:
        return self._size


def _chunks(
    source: BinaryIO, size: int, on_progress: OnProgress, cancel: Event | None
) -> Iterator[bytes]:
    sent = 0
    while chunk := source.read(_CHUNK):
        if cancel is not None and cancel.is_set():
            raise Cancelled("sending the support bundle")
        yield chunk
        sent += len(chunk)
        on_progress(BundleProgress("Sending", sent, size))
