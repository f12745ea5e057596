"""What a build keeps for the next one, found by the content of what defines it.

An entry is a folder ``<cache>/<kind>/<key>``. It is made under another name and renamed when it
is whole, so that what lies under its key is always good; leftovers of killed builds are removed
by the next one.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from foundation.failure import Failure

_UNFINISHED = ".unfinished-"


def default_cache() -> Path:
    """``$FLEXVDI_CACHE``, or ``~/.cache/flexvdi``."""
    named = os.environ.get("FLEXVDI_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "flexvdi"


def key_of(*parts: object) -> str:
    """A key for ``parts`` (anything JSON can hold): 16 hexadecimal digits of their SHA-256."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def key_of_files(folder: Path, *patterns: str) -> str:
    """A key for the names, contents and executable bits of files under ``folder``."""
    digest = hashlib.sha256()
    found = {path for pattern in patterns or ("**/*",) for path in folder.glob(pattern)}
    for path in sorted(found):
        if "__pycache__" in path.parts or path.is_dir():
            continue
        content = bytes(path.readlink()) if path.is_symlink() else path.read_bytes()
        mode = "l" if path.is_symlink() else "x" if os.access(path, os.X_OK) else "-"
        digest.update(f"{path.relative_to(folder)}\0{mode}{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


class Cache:
    """The cache below ``folder``; one build at a time makes entries, the others wait."""

    def __init__(self, folder: Path) -> None:
        """Make ``folder`` if need be; raises Failure when it cannot be written."""
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Failure(
                f"The cache {folder} could not be made: {error.strerror}.",
                "Name another folder with --cache or FLEXVDI_CACHE.",
            ) from error

    def entry(self, kind: str, key: str, make: Callable[[Path], None]) -> Path:
        """The folder of an entry, made by ``make(empty folder)`` when there is none yet."""
        place = self.folder / kind / key
        if place.is_dir():
            return place
        with self._making():
            if place.is_dir():
                return place
            place.parent.mkdir(exist_ok=True)
            unfinished = place.parent / f"{_UNFINISHED}{key}"
            unfinished.mkdir()
            try:
                make(unfinished)
            except BaseException:
                remove_tree(unfinished)
                raise
            unfinished.rename(place)
        return place

    def has(self, kind: str, key: str) -> bool:
        """Whether the entry exists, whole."""
        return (self.folder / kind / key).is_dir()

    def forget(self, kind: str, key: str) -> None:
        """Drop an entry, so that the next build makes it anew."""
        place = self.folder / kind / key
        if place.is_dir():
            doomed = place.parent / f"{_UNFINISHED}{key}"
            with self._making():
                place.rename(doomed)
                remove_tree(doomed)

    @contextmanager
    def workspace(self, name: str) -> Iterator[Path]:
        """An empty folder on the cache's file system, so that hard links reach into entries.

        It is removed at the end; only one build at a time has one.
        """
        with self._making():
            place = self.folder / f"{_UNFINISHED}{name}"
            place.mkdir()
            try:
                yield place
            finally:
                remove_tree(place)

    @contextmanager
    def _making(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for leftover in [
                *self.folder.glob(f"{_UNFINISHED}*"),
                *self.folder.glob(f"*/{_UNFINISHED}*"),
            ]:
                remove_tree(leftover)
            yield


def remove_tree(tree: Path) -> None:
    """Remove ``tree`` and all below; refuses while anything is mounted below it."""
    below = f"{tree.resolve()}/"
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    held = [mount for mount in mounts if f"{mount}/".startswith(below)]
    if held:
        raise Failure(
            f"{tree} is left over from another build and {held[0]} is mounted below it.",
            f"Unmount it (umount -R {tree}), then try again.",
        )
    shutil.rmtree(tree)
