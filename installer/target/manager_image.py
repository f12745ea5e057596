"""Copies the Manager's image from the medium to the new host, so that deploying needs no network.

Image and manifest are compared with the medium's manifest while they are copied; a file takes its
name once it is whole, and the manifest comes last: an image that has one can be relied on.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import requests

from foundation.appliance_manifest import APPLIANCE_FOLDER
from foundation.failure import Cancelled, Failure
from foundation.manifest import Artefact
from installer.engine.settings import read_settings
from installer.engine.step import InstallContext
from installer.machine.model import in_words

_CHUNK = 1 << 20
_CONNECTING_PATIENCE = 60.0


def copy_manager_image(context: InstallContext) -> None:
    """Copy what the medium carries; nothing at all from a medium that carries no image."""
    names = context.manifest.manager_files
    if not names:
        return
    total = sum(context.manifest.artefacts[name].size for name in names)
    context.say(f"Copying the Manager's image ({in_words(total)})")
    folder = context.target / APPLIANCE_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    done = 0
    for name in names:
        target = folder / Path(name).name
        _copy(context, name, target, done, total)
        done += context.manifest.artefacts[name].size
    context.progress(total, total)


def _copy(context: InstallContext, name: str, target: Path, before: int, total: int) -> None:
    part = target.with_name(f".{target.name}.part")
    digest = hashlib.sha256()
    done = 0
    try:
        with _content(context, name) as chunks, part.open("wb") as stream:
            for chunk in chunks:
                if context.cancel.is_set():
                    raise Cancelled("copying the Manager's image")
                stream.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                context.progress(before + done, total)
            stream.flush()
            os.fsync(stream.fileno())
        if Artefact(size=done, sha256=digest.hexdigest()) != context.manifest.artefacts[name]:
            raise Failure(
                f"{name} does not match its SHA-256 checksum: the medium is damaged or incomplete.",
                "Make the medium again from a download whose checksum you compared.",
            )
        part.rename(target)
    except OSError as error:
        raise Failure(
            f"{name} could not be copied: {error.strerror or error}.",
            "Check the medium, and that the new system has room, then retry.",
        ) from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _content(context: InstallContext, name: str) -> Iterator[Iterator[bytes]]:
    """The file's content: of the medium, or after a network boot from where that came from."""
    place = context.medium / name
    if place.is_file() or not context.medium_address:
        with place.open("rb") as stream:
            yield iter(partial(stream.read, _CHUNK), b"")
        return
    settings = read_settings(context.kernel_command_line)
    url = f"{context.medium_address}/{name}"
    proxies = {"http": settings.proxy, "https": settings.proxy} if settings.proxy else None
    try:
        with requests.get(
            url,
            stream=True,
            timeout=_CONNECTING_PATIENCE,
            proxies=proxies,
            verify=settings.verify_tls,
        ) as answer:
            answer.raise_for_status()
            yield answer.iter_content(_CHUNK)
    except requests.RequestException as error:
        raise Failure(
            f"{url} could not be fetched: {type(error).__name__}.",
            "Put the whole network-boot set on the server, then retry.",
            details=str(error),
        ) from error
