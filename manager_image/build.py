"""From a base to the appliance's image and its manifest."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from foundation.appliance_manifest import (
    APPLIANCE_MANIFEST_NAME,
    ApplianceManifest,
    LeastHardware,
)
from foundation.failure import Failure
from foundation.manifest import measure
from iso.bases.model import Base
from iso.bases.sources import Sources
from iso.cache import Cache
from iso.chroot import run_in
from iso.image import Ingredients, gather, put_together, require_means, unfinished
from iso.progress import Progress
from manager_image.disk import make_disk
from manager_image.kind import MANAGER

PROGRAMS = ("sgdisk", "mkfs.vfat", "mmd", "mcopy", "qemu-img")
# An estimate for a platform of 64 hosts and 5,000 guests; the data disk has room for two years of
# events and ten backups of that size.
LEAST = LeastHardware(vcpus=2, memory=2048, data_disk=8 << 30)
FIRMWARES = ("bios", "uefi")


@dataclass(frozen=True)
class Order:
    """What is to be built, and where it goes."""

    base: Base
    output: Path
    sources: Sources = field(default_factory=Sources)
    refresh: bool = False


def manifest_of(image: Path) -> Path:
    """Where the manifest of ``image`` lies: beside it, under the one name that readers know.

    An image has a folder of its own for that reason.
    """
    return image.with_name(APPLIANCE_MANIFEST_NAME)


def build(order: Order, cache: Cache, progress: Progress) -> ApplianceManifest:
    """Make the image ``order.output``, its manifest and a record of timings beside it.

    Raises Failure; what was there before then stays as it was.
    """
    require_means(order.base, PROGRAMS, order.output)
    found = gather(MANAGER, order.base, order.sources, cache, progress, order.refresh)
    with unfinished(order.output) as work:
        system, image = work / "system.squashfs", work / "image.qcow2"
        put_together(found, system, cache, progress)
        with progress.phase("disk"):
            virtual_size = make_disk(found, system, image, work)
        with progress.phase("checksum"):
            measured = measure(image)
        manifest = ApplianceManifest(
            product=MANAGER.product,
            version=found.release.version,
            base=order.base.name,
            base_release=order.base.release,
            kernel=found.release.kernel_version,
            build_id=found.release.build_id,
            source_date_epoch=found.root.epoch,
            file=order.output.name,
            size=measured.size,
            sha256=measured.sha256,
            virtual_size=virtual_size,
            least=LEAST,
            firmwares=FIRMWARES,
            database=_database(found),
            packages=found.root.packages,
        )
        text = work / "manifest.json"
        text.write_text(manifest.model_dump_json(indent=1) + "\n")
        # The manifest last: an image that it does not fit is told by its checksum.
        image.rename(order.output)
        text.rename(manifest_of(order.output))
    record = {**progress.seconds, "total": progress.total}
    order.output.with_name(f"{order.output.name}.timings.json").write_text(
        json.dumps(record, indent=2) + "\n"
    )
    return manifest


def _database(found: Ingredients) -> int:
    """The major version of the PostgreSQL in the image."""
    program = f"/{found.base.places['postgresql']}/postgres"
    said = run_in(found.root.tree, [program, "--version"]).stdout
    version = re.search(r"PostgreSQL\) (\d+)", said)
    if version is None:
        raise Failure(
            f"{program} of {found.base.name} does not tell its version.",
            "Correct places.postgresql in the data file of the base.",
        )
    return int(version.group(1))
