"""What tells one kind of image from another: the host's, the Manager's appliance.

Bases say what differs between distributions, kinds what differs between images; the build that
makes an image of both is one (:mod:`iso.image`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from iso.bases.model import Base

Check = Callable[[Base, Path], Iterator[str]]


@dataclass(frozen=True)
class GrubCore:
    """GRUB's image for BIOS, as grub-mkimage(1) makes it into the file ``name``.

    ``prefix`` is where it looks for its menu; ``{grub_directory}`` stands for the medium's folder.
    """

    name: str
    format: str
    prefix: str
    modules: tuple[str, ...]


@dataclass(frozen=True)
class ImageKind:
    """An image to be made of a base's root tree.

    ``packages`` are those of ours that it holds (dotted for a part of one), ``extras`` the
    optional dependencies of pyproject.toml that it needs besides. ``overlay`` lies over the root
    tree, its ``etc/dracut.conf.d`` shapes the initrd. ``checks`` are the contract that a root tree
    keeps. ``written`` are files that a command in the image writes about itself; ``finishing``
    commands run in the tree at the end. ``holds_boot_files`` tells whether kernel and initrd are
    in the tree too, for whoever installs from it.
    """

    name: str
    product: str
    packages: tuple[str, ...]
    overlay: Path
    grub: GrubCore
    checks: tuple[Check, ...]
    extras: tuple[str, ...] = ()
    written: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    finishing: tuple[tuple[str, ...], ...] = ()
    holds_boot_files: bool = True
