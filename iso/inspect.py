"""What is in an ISO, every part of it compared with the manifest inside."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from foundation.appliance_manifest import ApplianceManifest
from foundation.failure import Failure
from foundation.manifest import MANIFEST_NAME, MANIFEST_VERSION, Artefact, Manifest
from iso import iso9660
from iso.boot_menu import DIRECTORY, ENVIRONMENT, KICKSTART
from iso.embed import Embedded, embedded

MANIFEST_PATH = f"{DIRECTORY}/{MANIFEST_NAME}"
MANIFEST_SUM_PATH = f"{DIRECTORY}/{MANIFEST_NAME}.sha256"
# Not in the manifest: itself, its checksum, and what `embed` writes.
UNLISTED = frozenset(
    {MANIFEST_PATH, MANIFEST_SUM_PATH, f"{DIRECTORY}/{KICKSTART}", f"{DIRECTORY}/{ENVIRONMENT}"}
)


@dataclass(frozen=True)
class Inspection:
    """An ISO's label, manifest and kickstart, and the names of its parts that are damaged.

    ``manager`` is what the Manager's image says of itself, on a medium that carries one.
    """

    label: str
    manifest: Manifest
    embedded: Embedded
    damaged: tuple[str, ...]
    manager: ApplianceManifest | None = None


def inspect(iso: Path, on_part: Callable[[str, Artefact, str], None]) -> Inspection:
    """Read and verify ``iso``; ``on_part`` is told each part, its size and what is wrong with it.

    Raises Failure when the file is not an ISO of ours or too damaged to tell.
    """
    try:
        with iso.open("rb") as stream:
            return _inspect(stream, on_part)
    except OSError as error:
        raise Failure(
            f"The ISO {iso} could not be read: {error.strerror}.", "Check its path and permissions."
        ) from error


def extents_of_parts(stream: BinaryIO, manifest: Manifest) -> dict[str, iso9660.Extent | None]:
    """Where each part that the manifest names lies; None for what the ISO does not have."""
    found = iso9660.files(stream)
    extents: dict[str, iso9660.Extent | None] = {
        name: found.get(name) for name in manifest.artefacts
    }
    # The first partition is the ISO itself; those after it were appended in the manifest's order.
    appended = iso9660.gpt_partitions(stream)[1:]
    for number, (name, artefact) in enumerate(manifest.partitions.items()):
        extents[name] = (
            iso9660.Extent(appended[number].offset, artefact.size)
            if number < len(appended)
            else None
        )
    return extents


def measure_extent(stream: BinaryIO, extent: iso9660.Extent) -> Artefact:
    """Size and SHA-256 of a part of the ISO, as far as it can be read."""
    digest = hashlib.sha256()
    stream.seek(extent.offset)
    left = extent.size
    while left and (chunk := stream.read(min(left, 1 << 20))):
        digest.update(chunk)
        left -= len(chunk)
    return Artefact(size=extent.size - left, sha256=digest.hexdigest())


def _inspect(stream: BinaryIO, on_part: Callable[[str, Artefact, str], None]) -> Inspection:
    volume = iso9660.read_volume(stream)
    found = iso9660.files(stream)
    if MANIFEST_PATH not in found:
        raise Failure(
            f"{stream.name} is not an install medium of flexVDI.",
            "Name an ISO made by flexvdi-iso build.",
        )
    manifest = _manifest(stream, found)
    expected = {**manifest.artefacts, **manifest.partitions}
    damaged = []
    for name, extent in extents_of_parts(stream, manifest).items():
        problem = "missing"
        if extent is not None:
            measured = measure_extent(stream, extent)
            problem = "" if measured == expected[name] else "damaged"
        on_part(name, expected[name], problem)
        if problem:
            damaged.append(name)
    for name in sorted(found.keys() - manifest.artefacts.keys() - UNLISTED):
        on_part(name, Artefact(size=found[name].size, sha256=""), "not in the manifest")
        damaged.append(name)
    manager = _manager(stream, found, manifest) if manifest.manager_image not in damaged else None
    return Inspection(volume.label, manifest, embedded(stream), tuple(damaged), manager)


def _manager(
    stream: BinaryIO, found: dict[str, iso9660.Extent], manifest: Manifest
) -> ApplianceManifest | None:
    """The manifest of the Manager's image; its checksum was compared before."""
    if not manifest.manager_image:
        return None
    extent = found[manifest.manager_image]
    stream.seek(extent.offset)
    return ApplianceManifest.model_validate_json(stream.read(extent.size))


def _manifest(stream: BinaryIO, found: dict[str, iso9660.Extent]) -> Manifest:
    def text_of(name: str) -> bytes:
        stream.seek(found[name].offset)
        return stream.read(found[name].size)

    text = text_of(MANIFEST_PATH)
    said = text_of(MANIFEST_SUM_PATH).split()[:1] if MANIFEST_SUM_PATH in found else []
    if said != [hashlib.sha256(text).hexdigest().encode()]:
        raise Failure(
            f"{MANIFEST_PATH} does not match its SHA-256 checksum: the ISO is damaged.",
            "Use a complete copy of the ISO.",
        )
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise Failure(
            f"{MANIFEST_PATH} is of an unknown form.",
            "Use the flexvdi-iso of the release that made this ISO.",
            details=str(error),
        ) from error
    if manifest.manifest_version != MANIFEST_VERSION:
        raise Failure(
            f"{MANIFEST_PATH} has version {manifest.manifest_version}; "
            f"this program reads version {MANIFEST_VERSION}.",
            "Use the flexvdi-iso of the release that made this ISO.",
        )
    return manifest
