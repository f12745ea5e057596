"""A kickstart put into a finished ISO, in place: nothing is moved and nothing is rebuilt.

The ISO has a file ``ks.cfg`` of fixed size, filled up with newlines so that any reader sees a
valid kickstart, and an environment block from which GRUB learns that there is one.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from foundation.failure import Failure
from iso import environment_block, iso9660
from iso.boot_menu import DIRECTORY, ENVIRONMENT, KICKSTART

KICKSTART_SIZE = 256 * 1024
NO_KICKSTART = b"# This medium has no kickstart; `flexvdi-iso embed` puts one here.\n"


@dataclass(frozen=True)
class Embedded:
    """The kickstart of an ISO (None without one) and the kernel arguments added to its menu."""

    kickstart: str | None
    kernel_arguments: str

    @property
    def sha256(self) -> str | None:
        """SHA-256 of the kickstart as it was embedded."""
        return hashlib.sha256(self.kickstart.encode()).hexdigest() if self.kickstart else None


def empty_areas() -> dict[str, bytes]:
    """The reserved files of a medium without a kickstart."""
    return {KICKSTART: _padded(NO_KICKSTART), ENVIRONMENT: environment_block.write_block(_off())}


def embed(iso: Path, kickstart: Path, kernel_arguments: str = "") -> None:
    """Put ``kickstart`` into ``iso``, replacing one that is there.

    ``kernel_arguments`` are added to every entry of the boot menu. Machines that were installed
    from the medium before are installed once again. Raises Failure, with the ISO
    unchanged, when either file is not fit for it.
    """
    text = read_kickstart(kickstart)
    settings = {
        "kickstart": "yes",
        "kickstart_size": str(len(text)),
        "kernel_arguments": checked_arguments(kernel_arguments),
        "installation": _another_installation(),
    }
    block = environment_block.write_block(settings)
    _replace(iso, _padded(text), block)


def set_arguments(iso: Path, kernel_arguments: str) -> None:
    """Add ``kernel_arguments`` to every entry of the boot menu, and take out any kickstart."""
    settings = {
        **_off(),
        "kernel_arguments": checked_arguments(kernel_arguments),
        "installation": _another_installation(),
    }
    _replace(iso, _padded(NO_KICKSTART), environment_block.write_block(settings))


def remove(iso: Path) -> None:
    """Take the kickstart and the added kernel arguments out of ``iso``."""
    areas = empty_areas()
    _replace(iso, areas[KICKSTART], areas[ENVIRONMENT])


def embedded(stream: BinaryIO) -> Embedded:
    """What has been embedded into an ISO; raises Failure when it is not one of ours."""
    kickstart, environment = _areas(stream)
    settings = environment_block.read_block(_read(stream, environment))
    arguments = settings.get("kernel_arguments", "")
    if settings.get("kickstart") != "yes":
        return Embedded(None, arguments)
    text = _read(stream, kickstart)[: int(settings["kickstart_size"])]
    return Embedded(text.decode("utf-8", "replace"), arguments)


def read_kickstart(path: Path) -> bytes:
    """The text of a kickstart that is to be embedded; raises Failure saying why it cannot be."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Failure(
            f"The kickstart {path} could not be read: {error.strerror}.", "Check its path."
        ) from error
    problem = _problem_with(text)
    if problem:
        raise Failure(
            f"The kickstart {path} {problem}.",
            f"Give a UTF-8 text file of at most {KICKSTART_SIZE // 1024} KiB.",
        )
    return text


def checked_arguments(text: str) -> str:
    """Kernel arguments in one line of printable ASCII; raises Failure for anything else."""
    if not all(" " <= character <= "~" for character in text):
        raise Failure(
            "The kernel arguments hold characters that a boot menu cannot pass on.",
            "Use printable ASCII characters in one line.",
        )
    return text.strip()


def _problem_with(text: bytes) -> str:
    if not text.strip():
        return "is empty"
    if len(text) > KICKSTART_SIZE:
        return f"is {len(text)} bytes long, and the medium has room for {KICKSTART_SIZE}"
    if text.startswith(b"\xef\xbb\xbf"):
        return "begins with a byte order mark"
    if b"\0" in text:
        return "holds NUL characters"
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return f"is not UTF-8 text (byte {error.start})"
    return ""


def _another_installation() -> str:
    """By this the medium knows again the disks that were installed from it as it is now."""
    return uuid.uuid4().hex[:16]


def _off() -> dict[str, str]:
    return {"kickstart": "no", "kernel_arguments": ""}


def _padded(text: bytes) -> bytes:
    return text.ljust(KICKSTART_SIZE, b"\n")


def _areas(stream: BinaryIO) -> tuple[iso9660.Extent, iso9660.Extent]:
    found = iso9660.files(stream)
    kickstart = found.get(f"{DIRECTORY}/{KICKSTART}")
    environment = found.get(f"{DIRECTORY}/{ENVIRONMENT}")
    if not kickstart or not environment or kickstart.size != KICKSTART_SIZE:
        raise Failure(
            f"{stream.name} is not an install medium of flexVDI.",
            "Name an ISO made by flexvdi-iso build.",
        )
    return kickstart, environment


def _read(stream: BinaryIO, extent: iso9660.Extent) -> bytes:
    stream.seek(extent.offset)
    return stream.read(extent.size)


def _replace(iso: Path, kickstart: bytes, block: bytes) -> None:
    """Overwrite both areas. The menu never offers a kickstart that is half written."""
    try:
        with iso.open("r+b") as stream:
            kickstart_area, environment_area = _areas(stream)
            off = environment_block.write_block(_off())
            for area, content in (
                (environment_area, off),
                (kickstart_area, kickstart),
                (environment_area, block),
            ):
                stream.seek(area.offset)
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
    except OSError as error:
        raise Failure(
            f"The ISO {iso} could not be changed: {error.strerror}.",
            "Check its path and permissions.",
        ) from error
