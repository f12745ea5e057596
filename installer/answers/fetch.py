"""Getting the kickstart's text from any of the places it may be at."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from foundation.failure import Failure
from installer.answers.locations import (
    DiskLocation,
    FileLocation,
    HttpLocation,
    Location,
    MediumLocation,
    NfsLocation,
)
from installer.answers.volumes import MountForReading, find_device, mounted_for_reading
from installer.answers.web import PAUSES, fetch_from_web

log = logging.getLogger("flexvdi.installer")

PADDING = b"\n\r\0 \t"


@dataclass(frozen=True)
class Fetcher:
    """How to fetch: what is sent, what is trusted, and the ways to the system.

    ``medium`` is the folder where the install medium is mounted, if it is at all.
    ``wait_for_network`` is called before anything goes over the network. ``devices`` is ``/dev``.
    """

    medium: Path | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    verify_tls: bool = True
    proxy: str | None = None
    say: Callable[[str], None] = lambda line: None
    cancel: Event = field(default_factory=Event)
    wait_for_network: Callable[[], None] = lambda: None
    mount: MountForReading = mounted_for_reading
    devices: Path = Path("/dev")
    pauses: tuple[float, ...] = PAUSES

    def fetch(self, location: Location) -> bytes:
        """The kickstart at ``location``, padding removed; raises Failure with the cause."""
        match location:
            case HttpLocation():
                self.wait_for_network()
                content = fetch_from_web(
                    location,
                    say=self.say,
                    cancel=self.cancel,
                    headers=self.headers,
                    verify_tls=self.verify_tls,
                    proxy=self.proxy,
                    pauses=self.pauses,
                )
            case NfsLocation():
                self.wait_for_network()
                content = self._from_nfs(location)
            case DiskLocation():
                content = self._from_disk(location)
            case MediumLocation():
                content = self._from_medium(location)
            case FileLocation():
                content = _read(Path(location.path), str(location))
        content = content.strip(PADDING)
        if not content:
            raise Failure(f"The kickstart {location} is empty.", _remedy_when_empty(location))
        return content + b"\n"

    def _from_nfs(self, location: NfsLocation) -> bytes:
        folder, _, name = location.path.rpartition("/")
        self.say(f"Mounting {location.server}:{folder or '/'}")
        options = ",".join(part for part in ("nolock", location.options) if part)
        with self.mount(f"{location.server}:{folder or '/'}", options) as root:
            return _read(root / name, str(location))

    def _from_disk(self, location: DiskLocation) -> bytes:
        device = find_device(location.device, self.devices)
        if device is None:
            raise Failure(
                f"There is no device {location.device} for the kickstart {location}.",
                "Check the name, label or UUID (lsblk -f shows them), and that it is plugged in.",
            )
        with self.mount(str(device), "") as root:
            return _read(_within(root, location.path), str(location))

    def _from_medium(self, location: MediumLocation) -> bytes:
        """Our own medium first, however it was booted (CD or stick), then every CD drive."""
        if location.device is not None:
            return self._from_disk(DiskLocation(location.device, location.path))
        if self.medium is not None and _within(self.medium, location.path).is_file():
            return _read(_within(self.medium, location.path), str(location))
        for drive in sorted(self.devices.glob("sr[0-9]*")):
            try:
                with self.mount(str(drive), "") as root:
                    if _within(root, location.path).is_file():
                        return _read(_within(root, location.path), str(location))
            except Failure as failure:
                log.info("no medium in %s: %s", drive, failure)
        raise Failure(
            f"Neither the install medium nor a CD drive holds {location.path}.",
            "Put the file on the medium (flexvdi-iso embed), or correct inst.ks=.",
        )


def _within(root: Path, path: str) -> Path:
    return root / path.lstrip("/")


def _read(path: Path, shown: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Failure(
            f"The kickstart {shown} could not be read: {error.strerror}.",
            "Check the path and the medium.",
        ) from error


def _remedy_when_empty(location: Location) -> str:
    if isinstance(location, MediumLocation):
        return "Put one into the medium with: flexvdi-iso embed ISO KICKSTART"
    return "Check how the file was made."
