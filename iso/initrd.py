"""What an image boots with, made from a root tree: the initrd and GRUB's image for BIOS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from foundation.failure import Failure
from iso.bases.model import Base
from iso.cache import Cache, key_of, key_of_files
from iso.chroot import EXCHANGE, run_in
from iso.image_kind import GrubCore, ImageKind
from iso.processor_check import SOURCE, add_processor_check

VERSION = 1
INITRD = "initrd.img"
_DRACUT_CONFIGURATION = Path("etc/dracut.conf.d")


def kernel_version(root: Path) -> str:
    """The version of the one kernel in ``root``; raises Failure when there is none or several."""
    found = sorted(path.name for path in (root / "usr/lib/modules").iterdir() if path.is_dir())
    if len(found) != 1:
        raise Failure(
            f"The root tree has {len(found)} kernels instead of one ({', '.join(found)}).",
            "Correct the packages of the base.",
        )
    return found[0]


def boot_images(
    kind: ImageKind, base: Base, root: Path, cache: Cache, on_line: Callable[[str], None]
) -> Path:
    """A folder with INITRD and the kind's GRUB (a cache entry)."""
    settings = kind.overlay / _DRACUT_CONFIGURATION
    check = [base.cpu, base.cpu_alternative, base.title, SOURCE.read_text()] if base.cpu else []
    key = key_of(
        VERSION,
        root.parent.name,
        key_of_files(settings),
        base.initrd.model_dump(),
        base.media.model_dump(),
        asdict(kind.grub),
        *check,
    )

    def make(folder: Path) -> None:
        configuration = folder / "dracut.conf.d"
        configuration.mkdir()
        for path in sorted(settings.glob("*.conf")):
            (configuration / path.name).write_bytes(path.read_bytes())
        run_in(root, _dracut(base, root), exchange=folder, timeout=1800, on_line=on_line)
        if base.cpu:
            add_processor_check(folder / INITRD, base.title, base.cpu, base.cpu_alternative)
        run_in(root, _grub_mkimage(kind.grub, base), exchange=folder, on_line=on_line)
        (folder / INITRD).chmod(0o644)

    return cache.entry("boot", key, make)


def _dracut(base: Base, root: Path) -> list[str]:
    """dracut for any machine, not this one. ``--reproducible`` and no early microcode:
    the result depends on the root tree alone.
    """
    return [
        base.initrd.command,
        "--force",
        "--no-hostonly",
        "--reproducible",
        "--no-early-microcode",
        "--confdir",
        str(EXCHANGE / "dracut.conf.d"),
        "--add",
        " ".join(base.initrd.modules),
        "--omit",
        " ".join(base.initrd.omit_modules),
        "--compress",
        base.initrd.compress,
        "--kver",
        kernel_version(root),
        str(EXCHANGE / INITRD),
    ]


def _grub_mkimage(grub: GrubCore, base: Base) -> list[str]:
    return [
        base.media.grub_mkimage,
        "--directory",
        base.boot.grub_bios_modules,
        "--format",
        grub.format,
        "--prefix",
        grub.prefix.format(grub_directory=base.media.grub_directory),
        "--output",
        str(EXCHANGE / grub.name),
        *grub.modules,
    ]
