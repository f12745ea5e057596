"""From a base to an ISO and a network-boot set, phase by phase."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from foundation.appliance_manifest import (
    APPLIANCE_IMAGE_NAME,
    APPLIANCE_MANIFEST_NAME,
    read_appliance_manifest,
    verify_appliance_image,
)
from foundation.failure import Failure
from foundation.manifest import MANIFEST_NAME, Manifest, measure
from iso import boot_menu, embed, medium, seal
from iso.bases.model import Base
from iso.bases.sources import Sources
from iso.cache import Cache
from iso.host_image import HOST
from iso.image import Ingredients, gather, put_together, require_means, unfinished
from iso.progress import Progress

PROGRAMS = ("xorriso", "mkfs.vfat", "mmd", "mcopy")


@dataclass(frozen=True)
class Order:
    """What is to be built, and where it goes; ``manager_image`` is the manifest of one."""

    base: Base
    output: Path
    sources: Sources = field(default_factory=Sources)
    kickstart: Path | None = None
    kernel_arguments: str = ""
    refresh: bool = False
    manager_image: Path | None = None


@dataclass(frozen=True)
class _Parts:
    """What the media are made of."""

    found: Ingredients
    label: str


def build(order: Order, cache: Cache, progress: Progress) -> None:
    """Make the ISO ``order.output``, its checksum and timings, and the network-boot set beside it.

    Raises Failure; what was there before then stays as it was.
    """
    _check(order)
    found = gather(HOST, order.base, order.sources, cache, progress, order.refresh)
    parts = _Parts(found, boot_menu.label_of(found.release.version, found.release.build_id))
    with unfinished(order.output) as work:
        netboot = work / "netboot"
        netboot.mkdir()
        size = put_together(found, netboot / boot_menu.IMAGE, cache, progress)
        with progress.phase("media"):
            iso = _media(order, parts, size, work)
        with progress.phase("checksum"):
            checksum = measure(iso)
        _put_in_place(order.output, iso, netboot, checksum.sha256)
    _write_record(order, parts, checksum.size, progress)


def _check(order: Order) -> None:
    """Refuse at once what would fail later."""
    require_means(order.base, PROGRAMS, order.output)
    if order.kickstart:
        embed.read_kickstart(order.kickstart)
    embed.checked_arguments(order.kernel_arguments)
    if order.manager_image:
        _check_manager_image(order.manager_image)


def _check_manager_image(manifest: Path) -> None:
    carried = read_appliance_manifest(manifest)
    verify_appliance_image(carried, manifest.parent)
    if (carried.file, manifest.name) != (APPLIANCE_IMAGE_NAME, APPLIANCE_MANIFEST_NAME):
        raise Failure(
            f"A medium carries a Manager's image as {APPLIANCE_IMAGE_NAME} beside "
            f"{APPLIANCE_MANIFEST_NAME}, and this is {carried.file} beside {manifest.name}.",
            "Build it with flexvdi-manager-image, without --output or under that name.",
        )


def _media(order: Order, parts: _Parts, unpacked_size: int, work: Path) -> Path:
    """Fill the network-boot set and make the ISO in ``work``."""
    base, root, netboot = order.base, parts.found.root, work / "netboot"
    release = parts.found.release
    texts = boot_menu.boot_texts(base, release.version, parts.label)
    shutil.copyfile(parts.found.kernel, netboot / boot_menu.KERNEL)
    shutil.copyfile(parts.found.initrd, netboot / boot_menu.INITRD)
    if order.manager_image:
        for name in (APPLIANCE_IMAGE_NAME, APPLIANCE_MANIFEST_NAME):
            shutil.copyfile(order.manager_image.with_name(name), netboot / name)
    large = {path.name: measure(path) for path in sorted(netboot.iterdir())}
    (netboot / "boot.ipxe").write_text(texts.ipxe)
    manifest = Manifest(
        product=release.product,
        version=release.version,
        base=base.name,
        base_release=base.release,
        kernel=release.kernel_version,
        build_id=release.build_id,
        source_date_epoch=root.epoch,
        image=boot_menu.IMAGE,
        unpacked_size=unpacked_size,
        displays=base.displays,
        kernel_arguments=base.kernel_arguments,
        artefacts=seal.describe_files(netboot, large),
        packages=root.packages,
        manager_image=APPLIANCE_MANIFEST_NAME if order.manager_image else "",
    )
    (netboot / MANIFEST_NAME).write_bytes(seal.manifest_text(manifest))

    stage = work / "medium"
    ours = stage / boot_menu.DIRECTORY
    ours.mkdir(parents=True)
    for name in large:
        os.link(netboot / name, ours / name)
    for name, content in embed.empty_areas().items():
        (ours / name).write_bytes(content)
    (stage / boot_menu.marker_of(parts.label).lstrip("/")).write_text(parts.label + "\n")
    medium.stage_boot_files(base, root.tree, parts.found.grub, stage, texts.menu, texts.esp)
    esp, iso = work / "esp.img", work / "medium.iso"
    medium.make_esp(base, stage, esp, root.epoch)
    manifest = manifest.model_copy(
        update={
            "image": f"{boot_menu.DIRECTORY}/{boot_menu.IMAGE}",
            "artefacts": seal.describe_files(
                stage, {f"{boot_menu.DIRECTORY}/{name}": known for name, known in large.items()}
            ),
            "partitions": {medium.ESP_NAME: measure(esp)},
            "manager_image": f"{boot_menu.DIRECTORY}/{manifest.manager_image}"
            if manifest.manager_image
            else "",
        }
    )
    text = seal.manifest_text(manifest)
    (ours / MANIFEST_NAME).write_bytes(text)
    (ours / f"{MANIFEST_NAME}.sha256").write_bytes(seal.checksum_line(text))
    medium.make_iso(base, root.tree, stage, esp, parts.label, iso, root.epoch)
    seal.complete(iso, manifest, medium.CHANGED_BY_XORRISO)
    if order.kickstart:
        embed.embed(iso, order.kickstart, order.kernel_arguments)
    elif order.kernel_arguments:
        embed.set_arguments(iso, order.kernel_arguments)
    return iso


def netboot_folder(output: Path) -> Path:
    """Where the network-boot set of the ISO ``output`` lies."""
    return output.with_name(f"{output.stem}-netboot")


def _put_in_place(output: Path, iso: Path, netboot: Path, sha256: str) -> None:
    folder = netboot_folder(output)
    if folder.is_dir():
        shutil.rmtree(folder)
    netboot.rename(folder)
    iso.rename(output)
    output.with_name(f"{output.name}.sha256").write_text(f"{sha256}  {output.name}\n")


def _write_record(order: Order, parts: _Parts, size: int, progress: Progress) -> None:
    """Leave sizes (bytes) and durations (seconds) beside the ISO, for whoever measures builds."""
    record = {
        "base": order.base.name,
        "build_id": parts.found.release.build_id,
        "label": parts.label,
        "iso_size": size,
        "image_size": (netboot_folder(order.output) / boot_menu.IMAGE).stat().st_size,
        "seconds": {**progress.seconds, "total": progress.total},
    }
    order.output.with_name(f"{order.output.name}.json").write_text(
        json.dumps(record, indent=2) + "\n"
    )
