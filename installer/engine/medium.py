"""Where the medium is: the CD or stick that was booted, or the server of a network boot.

On a CD or stick dracut keeps the medium mounted. After a network boot the image is a device in
memory; its manifest is fetched from beside it on the server, so that both can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.kernel_command_line import KernelCommandLine
from foundation.manifest import MANIFEST_NAME, Manifest, read_manifest
from foundation.process import run
from installer.answers.locations import HttpLocation
from installer.answers.web import fetch_from_web
from installer.engine.settings import read_settings

MOUNTS = (Path("/run/initramfs/live"), Path("/run/initramfs/isoscan"), Path("/run/flexvdi/medium"))
DIRECTORY = "flexvdi"
NETWORK_MEDIUM = Path("/run/flexvdi/medium")


@dataclass(frozen=True)
class Medium:
    """``folder`` is what the names in ``manifest`` are relative to.

    Of a network boot's medium only the image is there; the rest is below the URL ``address``.
    """

    folder: Path
    manifest: Manifest
    address: str = ""


def find_medium(
    command_line: KernelCommandLine,
    *,
    say: Callable[[str], None],
    cancel: Event,
    wait_for_network: Callable[[], None] = lambda: None,
    mounts: tuple[Path, ...] = MOUNTS,
) -> Medium:
    """The medium of this boot; raises Failure when there is none or its manifest is damaged."""
    for folder in mounts:
        for path in (folder / DIRECTORY / MANIFEST_NAME, folder / MANIFEST_NAME):
            if path.is_file():
                return Medium(folder, read_manifest(path))
    root = command_line.last("root") or ""
    url = root.removeprefix("live:")
    if url.startswith(("http://", "https://")):
        wait_for_network()
        return _network_medium(url, command_line, say, cancel)
    raise Failure(
        "The install medium is not mounted and this is no network boot.",
        "Boot from the medium again, and leave it plugged in.",
    )


def mounted_medium(mounts: tuple[Path, ...] = MOUNTS) -> Path | None:
    """The folder at which a CD or stick of ours is mounted, if there is one."""
    return next((folder for folder in mounts if (folder / DIRECTORY).is_dir()), None)


def _network_medium(
    url: str, command_line: KernelCommandLine, say: Callable[[str], None], cancel: Event
) -> Medium:
    settings = read_settings(command_line)
    address, _, image = url.rpartition("/")
    content = fetch_from_web(
        HttpLocation(f"{address}/{MANIFEST_NAME}"),
        say=say,
        cancel=cancel,
        verify_tls=settings.verify_tls,
        proxy=settings.proxy,
    )
    NETWORK_MEDIUM.mkdir(parents=True, exist_ok=True)
    write_atomically(NETWORK_MEDIUM / MANIFEST_NAME, content)
    manifest = read_manifest(NETWORK_MEDIUM / MANIFEST_NAME)
    link = NETWORK_MEDIUM / manifest.image
    link.unlink(missing_ok=True)
    link.symlink_to(live_image(image))
    return Medium(NETWORK_MEDIUM, manifest, address)


def live_image(name: str) -> Path:
    """The device or file that the running system's squashfs is; ``name`` is for the message."""
    said = run(["findmnt", "--json", "--types", "squashfs", "--output", "SOURCE"], accept=(0, 1))
    try:
        sources = [entry["source"] for entry in json.loads(said.stdout)["filesystems"]]
    except (ValueError, KeyError):
        sources = []
    if not sources:
        raise Failure(
            f"The image {name} that this system runs from was not found.",
            "Boot again; if it stays so, install from a CD or stick.",
        )
    return Path(sources[0])
