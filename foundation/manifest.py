"""The manifest of a host image: what it is made of, and how to know that it arrived whole.

``iso/`` writes it beside the image; the installer checks the image against it before the first
byte goes to a disk. The schema is versioned; readers refuse a newer major version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from foundation.failure import Failure

MANIFEST_VERSION = 1
MANIFEST_NAME = "manifest.json"


class Artefact(BaseModel):
    """One file of a build: its size in bytes and its SHA-256 in hexadecimal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int
    sha256: str


class Manifest(BaseModel):
    """What a build made: product and base, versions, files, packages.

    ``artefacts`` maps a file's path (relative to the medium's root) to its size and checksum;
    ``image`` names the host image among them. ``unpacked_size`` (bytes) is what the image needs
    on a disk. ``displays`` lists the display protocols that QEMU in the image can serve.
    ``partitions`` are parts of an ISO that no file of it shows, such as the EFI system partition.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest_version: int = MANIFEST_VERSION
    product: str
    version: str
    base: str
    base_release: str
    kernel: str
    build_id: str
    source_date_epoch: int
    image: str
    unpacked_size: int
    displays: tuple[str, ...]
    kernel_arguments: tuple[str, ...] = ()
    artefacts: dict[str, Artefact]
    partitions: dict[str, Artefact] = {}
    packages: dict[str, str]


def read_manifest(path: Path) -> Manifest:
    """Read and check a manifest; raises Failure naming the file when it is missing or damaged."""
    try:
        manifest = Manifest.model_validate_json(path.read_text())
    except OSError as error:
        raise Failure(
            f"The manifest {path} could not be read: {error.strerror}.",
            "Use a complete copy of the medium.",
        ) from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise Failure(
            f"The manifest {path} is damaged or of an unknown form.",
            "Make the medium again and compare its checksum.",
            details=str(error),
        ) from error
    if manifest.manifest_version != MANIFEST_VERSION:
        raise Failure(
            f"The manifest {path} has version {manifest.manifest_version}; "
            f"this program reads version {MANIFEST_VERSION}.",
            "Use the program that came with the medium.",
        )
    return manifest


def measure(path: Path, on_progress: Callable[[int], None] | None = None) -> Artefact:
    """Size and SHA-256 of a file; ``on_progress`` is told the bytes read so far."""
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
            done += len(chunk)
            if on_progress:
                on_progress(done)
    return Artefact(size=done, sha256=digest.hexdigest())


def verify_artefact(
    manifest: Manifest, root: Path, name: str, on_progress: Callable[[int], None] | None = None
) -> None:
    """Compare ``root/name`` with the manifest; raises Failure that names the file."""
    expected = manifest.artefacts[name]
    try:
        found = measure(root / name, on_progress)
    except OSError as error:
        raise Failure(
            f"{name} could not be read from the medium: {error.strerror}.",
            "Check the medium, make it again, or use another one.",
        ) from error
    if found != expected:
        what = (
            f"is {found.size} bytes long instead of {expected.size}"
            if found.size != expected.size
            else "does not match its SHA-256 checksum"
        )
        raise Failure(
            f"{name} {what}: the medium is damaged or incomplete.",
            "Make the medium again from a download whose checksum you compared.",
        )
