"""Puts the system onto the target: checks the image, then unpacks it.

The medium's image is compared with its manifest before anything is written to a disk. Another
image (``liveimg``) is fetched onto the target, as Anaconda does, and compared there before it is
unpacked; one that lies at hand (``file:``) is compared beforehand.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests

from foundation.failure import Cancelled, Failure
from foundation.image_release import RELEASE_PATH, ImageRelease, read_release
from foundation.manifest import measure, verify_artefact
from foundation.process import run
from installer.engine.step import InstallContext
from installer.machine.model import in_words
from installer.storage.mounting import bind_api_filesystems, unbind_api_filesystems
from kickstart.install_plan import Payload

_FETCHED_NAME = ".flexvdi-payload"
_UNPACKING_PATIENCE = 4 * 3600.0
_CONNECTING_PATIENCE = 60.0
# Caches of unsquashfs, MiB each: enough for two processors, and fits beside a live system that
# runs in 1.5 GiB.
_UNSQUASHFS_CACHE = "32"
_SQUASHFS_MAGIC = b"hsqs"
_DIRTY_BYTES = Path("/proc/sys/vm/dirty_bytes")
_DIRTY_BACKGROUND_BYTES = Path("/proc/sys/vm/dirty_background_bytes")


def verify_image(context: InstallContext) -> None:
    """Compare the image with what its manifest, or the answers, say; nothing is written yet."""
    payload = context.plan.payload
    if payload is None:
        name = context.manifest.image
        size = context.manifest.artefacts[name].size
        context.say(f"Comparing {name} with its checksum")

        def on_progress(done: int) -> None:
            _stop_if_cancelled(context, "checking the image")
            context.progress(done, size)

        verify_artefact(context.manifest, context.medium, name, on_progress)
        return
    local = _local_path(payload)
    if local is not None:
        _verify_payload(context, payload, local)


def copy_image(context: InstallContext) -> None:
    """Unpack the image onto the mounted target, with progress in bytes, and force it to disk."""
    unbind_api_filesystems(context.target)
    payload = context.plan.payload
    if payload is None:
        _unpack(context, context.medium / context.manifest.image)
    else:
        image = _local_path(payload) or _fetch(context, payload)
        _unpack(context, image)
        if image.parent == context.target:
            image.unlink(missing_ok=True)
        if not (context.target / RELEASE_PATH).exists():
            raise Failure(
                f"{payload.url} is no flexVDI host image: it has no /{RELEASE_PATH}.",
                "Name the host.squashfs of a flexVDI medium.",
                where=payload.where,
            )
    context.say("Writing what is left in memory to the disks")
    run(["sync", "--file-system", str(context.target)], timeout=3600, cancel=context.cancel)
    bind_api_filesystems(context.target)


def installed_release(context: InstallContext) -> ImageRelease:
    """What the copied image says of itself: the medium's own, unless ``liveimg`` named another."""
    return read_release(context.target)


def _stop_if_cancelled(context: InstallContext, what: str) -> None:
    if context.cancel.is_set():
        raise Cancelled(what)


def _local_path(payload: Payload) -> Path | None:
    parts = urlsplit(payload.url)
    return Path(unquote(parts.path)) if parts.scheme in ("file", "") else None


def _verify_payload(context: InstallContext, payload: Payload, image: Path) -> None:
    if payload.sha256 is None:
        if not image.is_file():
            raise _unreadable(payload, "there is no such file")
        return
    context.say(f"Comparing {payload.url} with its checksum")

    def on_progress(done: int) -> None:
        _stop_if_cancelled(context, "checking the image")
        context.progress(done, size)

    try:
        size = image.stat().st_size
        found = measure(image, on_progress)
    except OSError as error:
        raise _unreadable(payload, error.strerror or str(error)) from error
    if found.sha256 != payload.sha256.lower():
        raise Failure(
            f"{payload.url} does not match its SHA-256 checksum.",
            "Correct liveimg --checksum, or publish the image again.",
            where=payload.where,
        )


def _unreadable(payload: Payload, why: str) -> Failure:
    return Failure(
        f"{payload.url} could not be read: {why}.",
        "Check the address in `liveimg`.",
        where=payload.where,
    )


def _fetch(context: InstallContext, payload: Payload) -> Path:
    """Download the image onto the target's root filesystem, and compare it there."""
    image = context.target / _FETCHED_NAME
    context.say(f"Fetching {payload.url}")
    proxies = {"http": payload.proxy, "https": payload.proxy} if payload.proxy else None
    try:
        with requests.get(
            payload.url,
            stream=True,
            timeout=_CONNECTING_PATIENCE,
            proxies=proxies,
            verify=payload.verify_tls,
        ) as answer:
            answer.raise_for_status()
            total = int(answer.headers.get("Content-Length", 0))
            done = 0
            with image.open("wb") as stream:
                for chunk in answer.iter_content(1 << 20):
                    _stop_if_cancelled(context, "fetching the image")
                    stream.write(chunk)
                    done += len(chunk)
                    context.progress(done, max(total, done))
    except requests.RequestException as error:
        raise Failure(
            f"{payload.url} could not be fetched: {type(error).__name__}.",
            "Check the address, the server and the network, then retry.",
            where=payload.where,
            details=str(error),
        ) from error
    except OSError as error:
        raise Failure(
            f"{payload.url} could not be kept on the target: {error.strerror}.",
            "Make / larger: the image lies there while it is unpacked.",
            where=payload.where,
        ) from error
    _verify_payload(context, payload, image)
    return image


def _unpack(context: InstallContext, image: Path) -> None:
    try:
        with image.open("rb") as stream:
            squashfs = stream.read(4) == _SQUASHFS_MAGIC
    except OSError as error:
        raise Failure(
            f"{image} could not be read: {error.strerror}.", "Check the medium, then retry."
        ) from error
    total = context.manifest.unpacked_size
    before = _used(context.target)
    context.say(f"Copying the system ({in_words(total)})")

    def on_line(_line: str) -> None:
        context.progress(min(total, max(0, _used(context.target) - before)), total)

    command = (
        [
            *("unsquashfs", "-force", "-da", _UNSQUASHFS_CACHE, "-fr", _UNSQUASHFS_CACHE),
            *("-dest", str(context.target), str(image)),
        ]
        if squashfs
        else [
            *("tar", "--extract", "--numeric-owner", "--acls", "--xattrs", "--xattrs-include=*"),
            *("--selinux", "--checkpoint=2000", "--checkpoint-action=echo"),
            *("--directory", str(context.target), "--file", str(image)),
        ]
    )
    with _writing_steadily():
        run(command, timeout=_UNPACKING_PATIENCE, on_line=on_line, cancel=context.cancel)
    context.progress(total, total)


def _used(folder: Path) -> int:
    """Bytes in use on all filesystems of the target, those not written back yet included."""
    devices: dict[int, int] = {}
    for place in (folder, *(folder / name for name in ("boot", "var", "usr", "home"))):
        with suppress(OSError):
            state = os.statvfs(place)
            used = (state.f_blocks - state.f_bfree) * state.f_frsize
            devices[place.stat().st_dev] = used
    return sum(devices.values())


@contextmanager
def _writing_steadily() -> Iterator[None]:
    """Let little data wait in memory while copying.

    Progress then tells what is on the disk, memory stays for programs, and the last sync is short.
    """
    files = (_DIRTY_BYTES, _DIRTY_BACKGROUND_BYTES)
    limits = ("134217728", "33554432")
    ratios = {
        path: path.with_name(path.name.replace("bytes", "ratio")).read_text().strip()
        for path in files
    }
    for path, limit in zip(files, limits, strict=True):
        path.write_text(limit)
    try:
        yield
    finally:
        for path, ratio in ratios.items():
            # The kernel knows one of both: writing the ratio unsets the bytes.
            path.with_name(path.name.replace("bytes", "ratio")).write_text(
                ratio if ratio != "0" else _USUAL_RATIO[path.name]
            )


_USUAL_RATIO = {"dirty_bytes": "20", "dirty_background_bytes": "10"}
