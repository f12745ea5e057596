"""From a base to an ISO and a network-boot set, phase by phase."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from foundation.failure import Failure
from foundation.image_release import ImageRelease
from foundation.manifest import MANIFEST_NAME, Manifest, measure
from iso import boot_menu, contract, embed, host_tree, initrd, medium, seal, software, squashfs
from iso.bases import adapter_of
from iso.bases.model import Base
from iso.bases.sources import Sources
from iso.cache import Cache, key_of, key_of_files, remove_tree
from iso.progress import Progress
from iso.root_tree import RootTree, root_key, root_tree

PRODUCT = "flexVDI host"
PROGRAMS = ("mksquashfs", "xorriso", "mkfs.vfat", "mmd", "mcopy", "unshare", "chroot", "cp")


@dataclass(frozen=True)
class Order:
    """What is to be built, and where it goes."""

    base: Base
    output: Path
    sources: Sources = field(default_factory=Sources)
    kickstart: Path | None = None
    kernel_arguments: str = ""
    refresh: bool = False


@dataclass(frozen=True)
class _Parts:
    """What the media are made of."""

    root: RootTree
    boot_images: Path
    release: ImageRelease
    label: str


def build(order: Order, cache: Cache, progress: Progress) -> None:
    """Make the ISO ``order.output``, its checksum and timings, and the network-boot set beside it.

    Raises Failure; what was there before then stays as it was.
    """
    _check(order)
    if order.refresh:
        cache.forget("root", root_key(order.base))
    base = order.base
    with progress.phase("root tree"):
        root = root_tree(base, cache, order.sources, progress.line)
    contract.require(base, root.tree)
    with progress.phase("boot images"):
        boot_images = initrd.boot_images(base, root.tree, host_tree.OVERLAY, cache, progress.line)
    with progress.phase("software"):
        site_packages = (
            software.dependencies(base, root.tree, cache, progress.line),
            software.project(base, root.tree, cache),
        )
    release = _release(base, root, boot_images, site_packages)
    parts = _Parts(
        root, boot_images, release, boot_menu.label_of(release.version, release.build_id)
    )
    with _unfinished(order.output) as work:
        netboot = work / "netboot"
        netboot.mkdir()
        with cache.workspace("tree") as workspace:
            tree = workspace / "tree"
            with progress.phase("host tree"):
                host_tree.compose(
                    base, root.tree, tree, release, boot_images, site_packages, root.epoch
                )
                size = host_tree.unpacked_size(tree)
            with progress.phase("host image"):
                squashfs.pack(tree, netboot / boot_menu.IMAGE, root.epoch, progress.percent)
        with progress.phase("media"):
            iso = _media(order, parts, size, work)
        with progress.phase("checksum"):
            checksum = measure(iso)
        _put_in_place(order.output, iso, netboot, checksum.sha256)
    _write_record(order, parts, checksum.size, progress)


def _check(order: Order) -> None:
    """Refuse at once what would fail later."""
    if os.geteuid() != 0:
        raise Failure(
            "Building a host image needs root (it runs programs in a chroot).", "Use sudo."
        )
    for program in (*PROGRAMS, *adapter_of(order.base).programs):
        if not shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin"):
            raise Failure(
                f"The program {program} is not installed.",
                "Install what debian-packages.txt lists (make set-up).",
            )
    if order.kickstart:
        embed.read_kickstart(order.kickstart)
    embed.checked_arguments(order.kernel_arguments)
    try:
        order.output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(
            f"The folder {order.output.parent} could not be made: {error.strerror}.",
            "Name another one with --output.",
        ) from error


def _release(
    base: Base, root: RootTree, boot_images: Path, site_packages: tuple[Path, ...]
) -> ImageRelease:
    kernel = initrd.kernel_version(root.tree)
    version = software.project_version()
    build_id = key_of(
        root.key,
        root.epoch,
        boot_images.name,
        [installed.parent.name for installed in site_packages],
        key_of_files(host_tree.OVERLAY),
        base.model_dump(),
        version,
    )
    return ImageRelease(
        product=PRODUCT,
        version=version,
        base=base.name,
        base_release=base.release,
        build_id=build_id,
        kernel_version=kernel,
        displays=base.displays,
        selinux=base.selinux,
        boot=base.boot_files(kernel),
        services=base.services,
        places=base.places,
        kernel_arguments=base.kernel_arguments,
    )


def _media(order: Order, parts: _Parts, unpacked_size: int, work: Path) -> Path:
    """Fill the network-boot set and make the ISO in ``work``."""
    base, release, netboot = order.base, parts.release, work / "netboot"
    texts = boot_menu.boot_texts(base, release.version, parts.label)
    shutil.copyfile(parts.root.tree / release.boot.kernel.lstrip("/"), netboot / boot_menu.KERNEL)
    shutil.copyfile(parts.boot_images / initrd.INITRD, netboot / boot_menu.INITRD)
    large = {path.name: measure(path) for path in sorted(netboot.iterdir())}
    (netboot / "boot.ipxe").write_text(texts.ipxe)
    manifest = Manifest(
        product=PRODUCT,
        version=release.version,
        base=base.name,
        base_release=base.release,
        kernel=release.kernel_version,
        build_id=release.build_id,
        source_date_epoch=parts.root.epoch,
        image=boot_menu.IMAGE,
        unpacked_size=unpacked_size,
        displays=base.displays,
        kernel_arguments=base.kernel_arguments,
        artefacts=seal.describe_files(netboot, large),
        packages=parts.root.packages,
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
    eltorito = parts.boot_images / initrd.GRUB_BIOS
    medium.stage_boot_files(base, parts.root.tree, eltorito, stage, texts.menu, texts.esp)
    esp, iso = work / "esp.img", work / "medium.iso"
    medium.make_esp(base, stage, esp, parts.root.epoch)
    manifest = manifest.model_copy(
        update={
            "image": f"{boot_menu.DIRECTORY}/{boot_menu.IMAGE}",
            "artefacts": seal.describe_files(
                stage, {f"{boot_menu.DIRECTORY}/{name}": known for name, known in large.items()}
            ),
            "partitions": {medium.ESP_NAME: measure(esp)},
        }
    )
    text = seal.manifest_text(manifest)
    (ours / MANIFEST_NAME).write_bytes(text)
    (ours / f"{MANIFEST_NAME}.sha256").write_bytes(seal.checksum_line(text))
    medium.make_iso(base, parts.root.tree, stage, esp, parts.label, iso, parts.root.epoch)
    seal.complete(iso, manifest, medium.CHANGED_BY_XORRISO)
    if order.kickstart:
        embed.embed(iso, order.kickstart, order.kernel_arguments)
    elif order.kernel_arguments:
        embed.set_arguments(iso, order.kernel_arguments)
    return iso


@contextmanager
def _unfinished(output: Path) -> Iterator[Path]:
    """A folder beside ``output`` for what is being made; gone afterwards, also after a failure."""
    work = output.with_name(f".{output.name}.unfinished")
    if work.exists():
        remove_tree(work)
    work.mkdir()
    try:
        yield work
    finally:
        remove_tree(work)


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
        "build_id": parts.release.build_id,
        "label": parts.label,
        "iso_size": size,
        "image_size": (netboot_folder(order.output) / boot_menu.IMAGE).stat().st_size,
        "seconds": {**progress.seconds, "total": progress.total},
    }
    order.output.with_name(f"{order.output.name}.json").write_text(
        json.dumps(record, indent=2) + "\n"
    )
