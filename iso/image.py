"""From a base to one read-only image file, phase by phase: the same way for every kind of image."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from foundation.failure import Failure
from foundation.image_release import ImageRelease
from iso import contract, image_tree, initrd, software, squashfs
from iso.bases import adapter_of
from iso.bases.model import Base
from iso.bases.sources import Sources
from iso.cache import Cache, key_of, key_of_files, remove_tree
from iso.image_kind import ImageKind
from iso.progress import Progress
from iso.root_tree import RootTree, root_key, root_tree

# What every image is made with, besides the adapter's own programs.
PROGRAMS = ("mksquashfs", "unshare", "chroot", "cp")


@dataclass(frozen=True)
class Ingredients:
    """An image before it is put together: everything that decides about its bytes."""

    kind: ImageKind
    base: Base
    root: RootTree
    boot_images: Path
    site_packages: tuple[Path, ...]
    release: ImageRelease

    @property
    def kernel(self) -> Path:
        """The kernel's file in the root tree."""
        return self.root.tree / self.release.boot.kernel.lstrip("/")

    @property
    def initrd(self) -> Path:
        """The initrd's file."""
        return self.boot_images / initrd.INITRD

    @property
    def grub(self) -> Path:
        """GRUB's image for BIOS."""
        return self.boot_images / self.kind.grub.name


def gather(
    kind: ImageKind,
    base: Base,
    sources: Sources,
    cache: Cache,
    progress: Progress,
    refresh: bool = False,
) -> Ingredients:
    """Root tree, initrd, GRUB and software of an image, from the cache where they are known.

    ``refresh`` fetches the base's packages anew. Raises Failure.
    """
    if refresh:
        cache.forget("root", root_key(base))
    with progress.phase("root tree"):
        root = root_tree(base, cache, sources, progress.line)
    contract.require(kind, base, root.tree)
    with progress.phase("boot images"):
        boot_images = initrd.boot_images(kind, base, root.tree, cache, progress.line)
    with progress.phase("software"):
        site_packages = (
            software.dependencies(kind, base, root.tree, cache, progress.line),
            software.project(kind, base, root.tree, cache),
        )
    release = _release(kind, base, root, boot_images, site_packages)
    return Ingredients(kind, base, root, boot_images, site_packages, release)


def put_together(found: Ingredients, image: Path, cache: Cache, progress: Progress) -> int:
    """Make the squashfs ``image``; the bytes that its files need on a disk (see the manifest)."""
    with cache.workspace("tree") as workspace:
        tree = workspace / "tree"
        with progress.phase(f"{found.kind.name} tree"):
            image_tree.compose(
                found.kind,
                found.base,
                found.root,
                tree,
                found.release,
                found.initrd,
                found.site_packages,
            )
            size = image_tree.unpacked_size(tree)
        with progress.phase(f"{found.kind.name} image"):
            squashfs.pack(tree, image, found.root.epoch, progress.percent)
    return size


def require_means(base: Base, programs: tuple[str, ...], output: Path) -> None:
    """Refuse at once what would fail later: no root, no program, no folder for ``output``."""
    if os.geteuid() != 0:
        raise Failure("Building an image needs root (it runs programs in a chroot).", "Use sudo.")
    for program in (*PROGRAMS, *programs, *adapter_of(base).programs):
        if not shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin"):
            raise Failure(
                f"The program {program} is not installed.",
                "Install what debian-packages.txt lists (make set-up).",
            )
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(
            f"The folder {output.parent} could not be made: {error.strerror}.",
            "Name another one with --output.",
        ) from error


@contextmanager
def unfinished(output: Path) -> Iterator[Path]:
    """A folder beside ``output`` for what is being made; gone afterwards, also after a failure."""
    work = output.with_name(f".{output.name}.unfinished")
    if work.exists():
        remove_tree(work)
    work.mkdir()
    try:
        yield work
    finally:
        remove_tree(work)


def _release(
    kind: ImageKind,
    base: Base,
    root: RootTree,
    boot_images: Path,
    site_packages: tuple[Path, ...],
) -> ImageRelease:
    kernel = initrd.kernel_version(root.tree)
    version = software.project_version()
    build_id = key_of(
        kind.product,
        root.key,
        root.epoch,
        boot_images.name,
        [installed.parent.name for installed in site_packages],
        key_of_files(kind.overlay),
        base.model_dump(),
        version,
    )
    return ImageRelease(
        product=kind.product,
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
