"""The tree of an image: a cached root tree, our software, and what its kind needs on top.

The cached tree is hard-linked, so nothing here may write into an existing file: a file is
replaced, never changed in place.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from foundation.image_release import RELEASE_PATH, ImageRelease
from foundation.process import run
from iso import labels, software
from iso.bases.model import Base
from iso.chroot import run_in
from iso.image_kind import ImageKind
from iso.root_tree import RootTree

_UNIT_FOLDER = Path("usr/lib/systemd/system")
_PRESETS = Path("usr/lib/systemd/system-preset")
_MASKED_RULES = Path("usr/share/flexvdi/live/masked-udev-rules")


def compose(
    kind: ImageKind,
    base: Base,
    root: RootTree,
    place: Path,
    release: ImageRelease,
    initrd: Path,
    site_packages: tuple[Path, ...],
) -> None:
    """Make the image's tree at ``place`` (on the file system of ``root``)."""
    run(["cp", "-al", str(root.tree), str(place)], timeout=600)
    _clean(base, place)
    _lay_overlay(kind.overlay, place)
    software.lay_prefix(kind, base, place, *site_packages)
    _write_unit_policy(base, place)
    for name, content in base.files.items():
        put(place / name, content.lstrip("\n"))
    newest = [place / path for path in base.newest if (place / path).exists()]
    for path in newest:
        put(path, path.read_bytes(), path.stat().st_mode & 0o777)
    put(place / RELEASE_PATH, release.model_dump_json(indent=2) + "\n")
    put(place / "usr/lib/os-release", os_release(base, release))
    if kind.holds_boot_files:
        put(place / release.boot.initrd.lstrip("/"), initrd.read_bytes(), 0o600)
    else:
        (place / release.boot.kernel.lstrip("/")).unlink()
    surroundings = {
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
        "SOURCE_DATE_EPOCH": str(root.epoch),
    }
    for name, argv in kind.written.items():
        put(place / name, run_in(place, argv, environment=surroundings).stdout)
    for argv in kind.finishing:
        run_in(place, argv, environment=surroundings)
    if base.selinux:
        labels.label(place)
    _settle_times(root.tree, place, root.epoch)
    # Times in an image are whole seconds.
    for path in newest:
        os.utime(path, (root.epoch + 1, root.epoch + 1))


def put(path: Path, content: str | bytes, mode: int = 0o644) -> None:
    """Replace or create a file with an inode of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)


def os_release(base: Base, release: ImageRelease) -> str:
    """The text of os-release(5): still the distribution's, branded as ours."""
    filled = {
        name: text.format(version=release.version, title=base.title, build_id=release.build_id)
        for name, text in base.os_release.items()
    }
    return "".join(f'{name}="{text}"\n' for name, text in filled.items())


def unpacked_size(tree: Path) -> int:
    """Bytes that the files of ``tree`` need on a disk with blocks of 4 KiB, links counted once."""
    seen: set[int] = set()
    total = 0
    for entry in _entries(tree):
        status = entry.stat(follow_symlinks=False)
        if status.st_ino not in seen:
            seen.add(status.st_ino)
            total += -(-status.st_size // 4096) * 4096
    return total


def _clean(base: Base, tree: Path) -> None:
    """Remove what must not be shared between hosts or tells of the building machine."""
    for pattern in base.remove.paths:
        for path in tree.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
                _remove_other_names(path)
    for folder in base.remove.logs:
        for entry in list(_entries(tree / folder)):
            if entry.is_file(follow_symlinks=False):
                Path(entry.path).unlink()
    put(tree / "etc/machine-id", "", 0o444)
    put(tree / "etc/hostname", "localhost\n")
    put(tree / "etc/hosts", "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n")


def _remove_other_names(gone: Path) -> None:
    """Links beside it, as OpenSSL finds certificates by: their names cannot be foreseen."""
    for path in gone.parent.iterdir():
        if path.is_symlink() and str(path.readlink()) == gone.name:
            path.unlink()


def _lay_overlay(overlay: Path, tree: Path) -> None:
    for path in sorted(overlay.rglob("*")):
        target = tree / path.relative_to(overlay)
        if path.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            target.symlink_to(path.readlink())
        elif path.is_file():
            put(target, path.read_bytes(), 0o755 if os.access(path, os.X_OK) else 0o644)


def _write_unit_policy(base: Base, tree: Path) -> None:
    """Presets and conditions from the base's data: which units run, and when."""
    enabled = "".join(f"enable {unit}\n" for unit in base.units.enabled)
    put(
        tree / _PRESETS / "20-flexvdi-base.preset",
        f"# What this base always runs; all other units are off.\n{enabled}disable *\n",
    )
    for unit, lines in unit_conditions(base).items():
        put(
            tree / _UNIT_FOLDER / f"{unit}.d" / "10-flexvdi.conf",
            "[Unit]\n" + "\n".join(lines) + "\n",
        )
    for unit in base.units.masked:
        _mask(tree / "etc/systemd/system" / unit)
    put(tree / _MASKED_RULES, "".join(f"{rule}\n" for rule in base.units.live_masked_rules))


def _mask(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to("/dev/null")


def unit_conditions(base: Base) -> dict[str, list[str]]:
    """The condition lines of each unit that is not always to run."""
    conditions: dict[str, list[str]] = {}
    for unit in base.units.not_live:
        conditions.setdefault(unit, []).extend(
            [
                "ConditionKernelCommandLine=|!rd.live.image",
                "ConditionPathExists=|/run/flexvdi/live/%n",
            ]
        )
    for unit, argument in base.units.live_with.items():
        conditions.setdefault(unit, []).extend(
            [
                "ConditionKernelCommandLine=|!rd.live.image",
                f"ConditionKernelCommandLine=|{argument}",
            ]
        )
    for unit, path in base.units.only_with_file.items():
        conditions.setdefault(unit, []).append(f"ConditionPathExists={path}")
    return dict(sorted(conditions.items()))


def _settle_times(root: Path, tree: Path, epoch: int) -> None:
    """Give every folder, and every file that is not the root tree's, the time ``epoch``.

    Files of the root tree keep theirs: byte-compiled modules are matched to their sources by it.
    """
    for entry in _entries(tree):
        theirs = root / Path(entry.path).relative_to(tree)
        if entry.is_dir(follow_symlinks=False) or not _same_inode(entry, theirs):
            os.utime(entry.path, (epoch, epoch), follow_symlinks=False)
    os.utime(tree, (epoch, epoch))


def _same_inode(entry: os.DirEntry[str], path: Path) -> bool:
    try:
        return entry.inode() == path.lstat().st_ino
    except OSError:
        return False


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as listing:
        for entry in sorted(listing, key=lambda item: item.name):
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(Path(entry.path))
            yield entry
