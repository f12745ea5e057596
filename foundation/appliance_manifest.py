"""What the Manager's appliance image declares of itself: ``manager-image.json`` beside it.

``flexvdi-manager-image build`` writes it; the install medium carries both, and whoever deploys the
Manager checks the image against it before anything is made. The schema is versioned; readers refuse
a version they do not know.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from foundation.failure import Failure
from foundation.manifest import Artefact, ManifestWords, difference, measure, read_declared

APPLIANCE_MANIFEST_FORMAT = 1
APPLIANCE_MANIFEST_NAME = "manager-image.json"
APPLIANCE_IMAGE_NAME = "manager.qcow2"
# Where an installed host keeps the image that its medium carried, relative to the root.
APPLIANCE_FOLDER = Path("var/lib/flexvdi/manager-image")
# The virtio serial number by which the appliance knows its data disk, and the label of its file
# system; see docs/administrators/manager-image.md.
DATA_DISK_SERIAL = "flexvdi-data"
DATA_LABEL = "flexvdi-data"


class LeastHardware(BaseModel):
    """What a guest made from the image needs at least.

    ``memory`` in MiB; ``data_disk`` in bytes: the size of the second, empty disk.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    vcpus: int
    memory: int
    data_disk: int


class ApplianceManifest(BaseModel):
    """The Manager's image: identity, checksum, sizes, needs.

    ``file`` (a qcow2) is the image's name beside the manifest, ``size`` its bytes as a file;
    ``virtual_size`` (bytes) is the size of the disk that a guest sees. ``firmwares`` it boots with
    (``bios``, ``uefi``). ``database`` is the major version of its PostgreSQL: data of another major
    version are not taken over by swapping the image.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = APPLIANCE_MANIFEST_FORMAT
    product: str
    version: str
    base: str
    base_release: str
    kernel: str
    build_id: str
    source_date_epoch: int
    file: str = APPLIANCE_IMAGE_NAME
    size: int
    sha256: str
    virtual_size: int
    least: LeastHardware
    firmwares: tuple[str, ...]
    data_disk_serial: str = DATA_DISK_SERIAL
    database: int
    packages: dict[str, str]


_WORDS = ManifestWords(
    what="The manifest of the Manager's image",
    form="format",
    known=APPLIANCE_MANIFEST_FORMAT,
    unread="Put the image and its manifest there, or name another place.",
    damaged="Copy image and manifest again from the install medium.",
    other="Use an image of the same release as this host, or upgrade the host first.",
)


def read_appliance_manifest(path: Path) -> ApplianceManifest:
    """Read and check a manifest; raises Failure naming the file when it is missing or damaged."""
    manifest = read_declared(ApplianceManifest, path, _WORDS)
    if Path(manifest.file).name != manifest.file:
        raise Failure(
            f"The manifest {path} names an image outside its own folder.",
            "Use the manifest that was made with the image.",
        )
    return manifest


def verify_appliance_image(
    manifest: ApplianceManifest,
    folder: Path,
    on_progress: Callable[[int], None] | None = None,
) -> None:
    """Compare the image in ``folder`` with ``manifest``; raises Failure that names the file.

    ``on_progress`` is told the bytes read so far, of ``manifest.size``; what it raises ends
    the comparison.
    """
    path = folder / manifest.file
    try:
        # The size first: what was copied in part is not read to its end to find that out.
        size = path.stat().st_size
        whole = size == manifest.size
        found = measure(path, on_progress) if whole else Artefact(size=size, sha256="")
    except OSError as error:
        raise Failure(
            f"The Manager's image {path} could not be read: {error.strerror}.",
            "Copy image and manifest again from the install medium.",
        ) from error
    wrong = difference(found, Artefact(size=manifest.size, sha256=manifest.sha256))
    if wrong:
        raise Failure(
            f"The Manager's image {path} {wrong}: "
            + ("it is damaged." if whole else "it was copied in part."),
            "Copy image and manifest again from the install medium.",
        )
