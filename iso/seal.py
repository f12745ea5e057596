"""The manifest of a medium, written before the ISO is made and completed afterwards.

xorriso writes addresses into one of the boot images, so its checksum is known only in the
finished ISO. The manifest has fixed lengths: it is completed in place.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from foundation.manifest import MANIFEST_NAME, Artefact, Manifest, measure
from iso import iso9660
from iso.inspect import (
    MANIFEST_PATH,
    MANIFEST_SUM_PATH,
    UNLISTED,
    extents_of_parts,
    measure_extent,
)


def manifest_text(manifest: Manifest) -> bytes:
    """The manifest as it is written; its length depends on names and sizes, not on checksums."""
    return (manifest.model_dump_json(indent=1) + "\n").encode()


def checksum_line(text: bytes) -> bytes:
    """The checksum of the manifest in the form of sha256sum(1)."""
    return f"{hashlib.sha256(text).hexdigest()}  {MANIFEST_NAME}\n".encode()


def describe_files(folder: Path, known: dict[str, Artefact]) -> dict[str, Artefact]:
    """Sizes and checksums of the files in ``folder``; ``known`` spares reading large ones."""
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return {
        name: known.get(name) or measure(folder / name) for name in names if name not in UNLISTED
    }


def complete(iso: Path, manifest: Manifest, changed: tuple[str, ...]) -> Manifest:
    """Put the checksums of ``changed`` files, as they are in ``iso``, into its manifest."""
    with iso.open("r+b") as stream:
        extents = extents_of_parts(stream, manifest)
        measured = {}
        for name in changed:
            extent = extents[name]
            assert extent is not None, name
            measured[name] = measure_extent(stream, extent)
        completed = manifest.model_copy(update={"artefacts": {**manifest.artefacts, **measured}})
        text = manifest_text(completed)
        found = iso9660.files(stream)
        for name, content in ((MANIFEST_PATH, text), (MANIFEST_SUM_PATH, checksum_line(text))):
            assert found[name].size == len(content), name
            stream.seek(found[name].offset)
            stream.write(content)
    return completed
