"""The manifest of a host image: what it is made of, and how to know that it arrived whole.

``iso/`` writes it beside the image; the installer checks the image against it before the first
byte goes to a disk. The schema is versioned; readers refuse a newer major version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from foundation.failure import Failure

MANIFEST_VERSION = 1
MANIFEST_NAME = "manifest.json"
Declared = TypeVar("Declared", bound=BaseModel)


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
    ``manager_image`` names the manifest of the Manager's image among the artefacts; the image
    lies beside it, and both are copied to an installed host. Empty on media without one.
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
    manager_image: str = ""

    @property
    def manager_files(self) -> tuple[str, ...]:
        """The artefacts of the Manager's image: the image and, last, its manifest."""
        if not self.manager_image:
            return ()
        folder = self.manager_image.rpartition("/")[0]
        beside = (
            name
            for name in self.artefacts
            if name.endswith(".qcow2") and name.rpartition("/")[0] == folder
        )
        return (*sorted(beside), self.manager_image)

    @property
    def needed_size(self) -> int:
        """Bytes that an installed host needs: the image unpacked, and the Manager's image."""
        return self.unpacked_size + sum(self.artefacts[name].size for name in self.manager_files)


@dataclass(frozen=True)
class ManifestWords:
    """How a kind of manifest is spoken of; ``form`` is its field with the number of its form."""

    what: str
    form: str
    known: int
    unread: str
    damaged: str
    other: str


_WORDS = ManifestWords(
    what="The manifest",
    form="manifest_version",
    known=MANIFEST_VERSION,
    unread="Use a complete copy of the medium.",
    damaged="Make the medium again and compare its checksum.",
    other="Use the program that came with the medium.",
)


def read_manifest(path: Path) -> Manifest:
    """Read and check a manifest; raises Failure naming the file when it is missing or damaged."""
    return read_declared(Manifest, path, _WORDS)


def read_declared(kind: type[Declared], path: Path, words: ManifestWords) -> Declared:
    """The manifest of ``kind`` in ``path``; raises Failure in ``words`` that names the file."""
    try:
        declared = kind.model_validate_json(path.read_text())
    except OSError as error:
        raise Failure(
            f"{words.what} {path} could not be read: {error.strerror}.", words.unread
        ) from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise Failure(
            f"{words.what} {path} is damaged or of an unknown form.",
            words.damaged,
            details=str(error),
        ) from error
    form = getattr(declared, words.form)
    if form != words.known:
        raise Failure(
            f"{words.what} {path} is of format {form}; this program reads format {words.known}.",
            words.other,
        )
    return declared


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


def difference(found: Artefact, expected: Artefact) -> str:
    """What is wrong with a file that was found, as the end of a sentence; empty for nothing."""
    if found.size != expected.size:
        return f"is {found.size} bytes long instead of {expected.size}"
    if found.sha256 != expected.sha256:
        return "does not match its SHA-256 checksum"
    return ""


def verify_artefact(
    manifest: Manifest, root: Path, name: str, on_progress: Callable[[int], None] | None = None
) -> None:
    """Compare ``root/name`` with the manifest; raises Failure that names the file."""
    try:
        found = measure(root / name, on_progress)
    except OSError as error:
        raise Failure(
            f"{name} could not be read from the medium: {error.strerror}.",
            "Check the medium, make it again, or use another one.",
        ) from error
    wrong = difference(found, manifest.artefacts[name])
    if wrong:
        raise Failure(
            f"{name} {wrong}: the medium is damaged or incomplete.",
            "Make the medium again from a download whose checksum you compared.",
        )
