"""The Manager images that this host has at hand, and what they say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event

from pydantic import ValidationError

from foundation.appliance_manifest import (
    APPLIANCE_FOLDER,
    APPLIANCE_MANIFEST_FORMAT,
    APPLIANCE_MANIFEST_NAME,
    ApplianceManifest,
)
from foundation.failure import Failure
from host.machine import Machine
from host.machine.manager.images import OnProgress

IMAGE_FOLDER = f"/{APPLIANCE_FOLDER}"
_GIB = 1 << 30


@dataclass(frozen=True)
class Appliance:
    """An image and its manifest. ``memory`` is in MiB, the other sizes are in bytes."""

    manifest: str
    path: str
    version: str
    base: str
    sha256: str
    size: int
    virtual_size: int
    vcpus: int
    memory: int
    data_disk: int

    @property
    def data_disk_gib(self) -> int:
        """The least data disk, rounded up."""
        return -(-self.data_disk // _GIB)


def find_appliance(machine: Machine, place: str = "") -> Appliance:
    """The image at ``place`` (a manifest, or its folder), by default the one of this host's image.

    Raises Failure when there is none, or it is of an unknown form.
    """
    path = place or f"{machine.places.get('manager_image', IMAGE_FOLDER)}/{APPLIANCE_MANIFEST_NAME}"
    if not path.endswith(".json"):
        path = f"{path.rstrip('/')}/{APPLIANCE_MANIFEST_NAME}"
    data = machine.manager.images.read(path)
    if data is None:
        raise Failure(
            f"There is no Manager image: {path} is missing.",
            "Copy an image with its manifest to this host, then name it: --image FILE.json.",
        )
    try:
        manifest = ApplianceManifest.model_validate_json(data)
    except ValidationError as error:
        raise Failure(
            f"{path} is no manifest of a Manager image that this host understands.",
            "Copy image and manifest once more, or upgrade the host first if they are newer.",
            details=str(error.errors(include_input=False, include_url=False)),
        ) from error
    if manifest.format != APPLIANCE_MANIFEST_FORMAT or "/" in manifest.file:
        raise Failure(
            f"{path} is of format {manifest.format}, which this host does not know.",
            "Upgrade the host first: the image is newer than it.",
        )
    appliance = _appliance(path, manifest)
    if machine.manager.images.info(appliance.path) is None:
        raise Failure(
            f"The Manager image {appliance.path} is missing, though its manifest is there.",
            "Copy both once more.",
        )
    return appliance


def refuse_damaged(
    machine: Machine, image: Appliance, report: OnProgress, cancel: Event | None = None
) -> None:
    """Raise Failure where the image is not what its manifest says."""
    if machine.manager.images.digest(image.path, report, cancel) != image.sha256:
        raise Failure(
            f"The Manager image {image.path} is damaged: its SHA-256 is not that of its manifest.",
            "Copy image and manifest once more from the install medium.",
        )


def _appliance(path: str, manifest: ApplianceManifest) -> Appliance:
    folder = path.rpartition("/")[0]
    return Appliance(
        manifest=path,
        path=f"{folder}/{manifest.file}",
        version=manifest.version,
        base=manifest.base,
        sha256=manifest.sha256,
        size=manifest.size,
        virtual_size=manifest.virtual_size,
        vcpus=manifest.least.vcpus,
        memory=manifest.least.memory,
        data_disk=manifest.least.data_disk,
    )
