"""Saving the logs of an installation to a stick, a folder, or a web server."""

from __future__ import annotations

import io
import logging
import tarfile
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import requests

from foundation.failure import Failure
from foundation.process import ProcessFailed, run
from installer.answers.volumes import find_device

log = logging.getLogger("flexvdi.installer")

WITHHELD = ("plan.json", "ks.cfg", "ks-expanded.cfg")
"""Files of the installer's folder that hold secrets; they never leave the machine."""

_QUESTIONS: dict[str, tuple[str, ...]] = {
    "journal.txt": ("journalctl", "--boot", "--no-pager", "--output=short-precise"),
    "kernel.txt": ("dmesg",),
    "block-devices.json": ("lsblk", "--json", "--output-all", "--bytes"),
    "signatures.txt": ("blkid",),
    "volume-groups.txt": ("vgs", "--all", "-o", "+vg_uuid,pv_name"),
    "volumes.txt": ("lvs", "--all"),
    "addresses.txt": ("ip", "address"),
    "routes.txt": ("ip", "route", "show", "table", "all"),
    "network.txt": ("nmcli", "--colors", "no", "device", "show"),
    "mounts.txt": ("findmnt", "--all"),
    "efi-boot.txt": ("efibootmgr", "-v"),
}


def save_logs(folder: Path, target: str, mask: Callable[[str], str]) -> str:
    """Bundle the logs in ``folder`` and what the system says; returns where the bundle is now.

    ``target`` is an ``http(s)://`` URL (PUT; a URL that ends in ``/`` gets the bundle's name), a
    block device or ``LABEL=…`` (the file goes to the top of its filesystem), or a folder. Secrets
    pass ``mask`` first. Raises Failure when the bundle cannot be put there.
    """
    if not target:
        raise Failure(
            "No place for the logs was given.",
            "Name a stick (LABEL=NAME or /dev/sdb1), a folder, or a URL.",
        )
    name = f"flexvdi-install-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz"
    bundle = make_bundle(folder, name.removesuffix(".tar.gz"), mask)
    if target.startswith(("http://", "https://")):
        return _put(bundle, f"{target}{name}" if target.endswith("/") else target)
    if Path(target).is_dir():
        return _write(bundle, Path(target) / name)
    return _to_device(bundle, target, name)


def make_bundle(folder: Path, name: str, mask: Callable[[str], str]) -> bytes:
    """A tar.gz of the logs, all of it below one folder ``name``."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name not in WITHHELD:
                _add(archive, f"{name}/{path.relative_to(folder)}", _read(path), mask)
        for file_name, argv in _QUESTIONS.items():
            _add(archive, f"{name}/{file_name}", _ask(argv), mask)
        for file_name in ("mdstat", "cmdline", "meminfo"):
            _add(archive, f"{name}/{file_name}", _read(Path("/proc") / file_name), mask)
    return stream.getvalue()


def _add(archive: tarfile.TarFile, name: str, text: str, mask: Callable[[str], str]) -> None:
    content = mask(text).encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = 0o600
    entry.mtime = int(time.time())
    archive.addfile(entry, io.BytesIO(content))


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError as error:
        return f"{path} could not be read: {error.strerror}\n"


def _ask(argv: tuple[str, ...]) -> str:
    try:
        completed = run(argv, timeout=30, accept=tuple(range(256)))
        return completed.stdout + completed.stderr
    except ProcessFailed as failure:
        return f"{failure}\n"


def _put(bundle: bytes, url: str) -> str:
    try:
        response = requests.put(url, data=bundle, timeout=(10, 120))
    except requests.exceptions.RequestException as error:
        raise Failure(
            f"The logs could not be sent: {type(error).__name__}.",
            "Check the URL and the network, or save to a stick.",
        ) from error
    if not 200 <= response.status_code < 300:
        raise Failure(
            f"The server refused the logs: {response.status_code} {response.reason}.",
            "The server must accept PUT at this URL.",
        )
    return url.rpartition("@")[2] if "@" in url else url


def _write(bundle: bytes, path: Path) -> str:
    try:
        path.write_bytes(bundle)
        path.chmod(0o600)
    except OSError as error:
        raise Failure(
            f"The logs could not be written to {path}: {error.strerror}.",
            "Choose a place with free space that is not read-only.",
        ) from error
    return str(path)


def _to_device(bundle: bytes, target: str, name: str) -> str:
    device = find_device(target)
    if device is None or not device.is_block_device():
        raise Failure(
            f"There is no device or folder {target}.",
            "Plug the stick in and name it as lsblk -f shows it (LABEL=NAME or /dev/sdb1).",
        )
    with tempfile.TemporaryDirectory(prefix="flexvdi-logs-") as mount_point:
        run(["mount", str(device), mount_point], timeout=60)
        try:
            _write(bundle, Path(mount_point) / name)
        finally:
            run(["umount", mount_point], timeout=120)
    return f"{name} on {target}"
