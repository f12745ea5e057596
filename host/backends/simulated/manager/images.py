"""Disk images in memory (host.machine.manager.images.Images).

A file of an image has a size and a checksum that is made of its words; small files have their
bytes. The machine's JSON may bring some: ``images`` maps paths to ``{"size", "virtual_size",
"digest"}``, ``texts`` to what small files say, ``storage_trials`` folders to StorageTrial's fields.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from threading import Event

from foundation.atomic_file import is_unfinished
from foundation.failure import Cancelled, Failure
from host.backends.simulated.simulation import Simulation
from host.machine.manager.images import ImageInfo, OnProgress, StorageAway, StorageTrial

_FREE = 500 << 30


@dataclass(frozen=True)
class SimulatedImage:
    """A large file."""

    size: int
    virtual_size: int
    digest: str


class SimulatedImages:
    """``content`` is everything there is: large files, small files, and tars as what is in them."""

    def __init__(self, simulation: Simulation) -> None:
        """As the machine's JSON says."""
        self._simulation = simulation
        facts = simulation.facts
        self.content: dict[str, SimulatedImage | bytes | dict[str, SimulatedImage | bytes]] = {
            path: SimulatedImage(**image) for path, image in facts.get("images", {}).items()
        }
        for path, said in facts.get("texts", {}).items():
            text = said if isinstance(said, str) else json.dumps(said)
            self.content[path] = text.encode()
        self.folders: set[str] = set()
        # Folders whose server has fallen silent.
        self.away: set[str] = set(facts.get("storage_away", ()))

    def _refuse_if_away(self, path: str) -> None:
        if any(path == folder or path.startswith(f"{folder}/") for folder in self.away):
            raise StorageAway(path)

    def info(self, path: str) -> ImageInfo | None:
        """Large files are qcow2."""
        self._simulation.meet("images.info")
        self._refuse_if_away(path)
        found = self.content.get(path)
        if found is None:
            return None
        if isinstance(found, SimulatedImage):
            return ImageInfo("qcow2", found.virtual_size, found.size)
        return ImageInfo("raw", len(found), len(found))

    def digest(self, path: str, on_progress: OnProgress, cancel: Event | None = None) -> str:
        """As it was given, or that of the bytes."""
        self._simulation.meet("images.digest", path)
        found = self._there(path)
        size = found.size if isinstance(found, SimulatedImage) else len(found)
        _progress(size, on_progress, cancel)
        if isinstance(found, SimulatedImage):
            return found.digest
        return hashlib.sha256(repr(found).encode()).hexdigest()

    def copy(
        self, source: str, target: str, on_progress: OnProgress, cancel: Event | None = None
    ) -> None:
        """Half of it first, which a kill leaves behind."""
        found = self._there(source)
        part = _part(target)
        self._simulation.changes("images.copy", target)
        self.content[part] = b"half"
        try:
            _progress(getattr(found, "size", 1), on_progress, cancel)
            self._simulation.meet("images.copied", target)
        except Failure:
            del self.content[part]
            raise
        del self.content[part]
        self.content[target] = found

    def create(self, path: str, size: int) -> None:
        """Empty."""
        self._simulation.changes("images.create", path)
        self.content[path] = SimulatedImage(196616, size, f"empty {size}")

    def grow(self, path: str, size: int) -> None:
        """Larger for guests."""
        self._simulation.changes("images.grow", path)
        found = self._there(path)
        assert isinstance(found, SimulatedImage)
        self.content[path] = replace(found, virtual_size=size)

    def remove(self, path: str) -> None:
        """Gone."""
        self._simulation.changes("images.remove", path)
        self.content.pop(path, None)
        self.content.pop(_unfinished(path), None)

    def rename(self, path: str, target: str) -> None:
        """Replaces."""
        self._simulation.changes("images.rename", target)
        self.content[target] = self._there(path)
        del self.content[path]

    def make_folder(self, path: str) -> None:
        """Remember it."""
        self._simulation.changes("images.make_folder", path)
        self.folders.add(path)

    def remove_folder(self, path: str) -> None:
        """When nothing is in it, as rmdir does."""
        self._simulation.changes("images.remove_folder", path)
        if not any(name.startswith(f"{path}/") for name in (*self.content, *self.folders)):
            self.folders.discard(path)

    def entries(self, path: str) -> tuple[str, ...]:
        """Of files and folders."""
        self._simulation.meet("images.entries")
        self._refuse_if_away(path)
        prefix = f"{path.rstrip('/')}/"
        known = (*(name for name in self.content if not _is_unfinished(name)), *self.folders)
        below = {name.removeprefix(prefix) for name in known if name.startswith(prefix)}
        return tuple(sorted({name.partition("/")[0] for name in below}))

    def read(self, path: str) -> bytes | None:
        """Small files."""
        self._simulation.meet("images.read")
        self._refuse_if_away(path)
        found = self.content.get(path)
        return found if isinstance(found, bytes) else None

    def size(self, path: str) -> int | None:
        """Of its bytes."""
        self._simulation.meet("images.size")
        found = self.content.get(path)
        if found is None:
            return None
        return found.size if isinstance(found, SimulatedImage) else len(found)

    def pieces(self, path: str) -> Iterator[bytes]:
        """In one."""
        self._simulation.meet("images.pieces")
        found = self._there(path)
        assert isinstance(found, bytes)
        yield found

    def write(self, path: str, data: bytes, mode: int = 0o600) -> None:
        """Half of it beside its place first, which a kill leaves behind."""
        self._simulation.changes("images.write", path)
        unfinished = _unfinished(path)
        self.content[unfinished] = data[: len(data) // 2]
        try:
            self._simulation.meet("images.written", path)
        except Failure:
            del self.content[unfinished]
            raise
        del self.content[unfinished]
        self.content[path] = data

    def try_storage(self, folder: str) -> StorageTrial:
        """As the machine's JSON says; fast and local unless it says something."""
        self._simulation.meet("images.try_storage")
        told = self._simulation.facts.get("storage_trials", {}).get(folder, {})
        ordinary = {"filesystem": "xfs", "shared": False, "free": _FREE, "fsync_seconds": 0.002}
        return StorageTrial(**{**ordinary, **told})

    def pack(
        self, target: str, files: Mapping[str, str], on_progress: OnProgress, cancel: Event | None
    ) -> None:
        """What is in it, by name."""
        self._simulation.changes("images.pack", target)
        _progress(len(files), on_progress, cancel)
        inside: dict[str, SimulatedImage | bytes] = {}
        for name, path in files.items():
            found = self._there(path)
            assert not isinstance(found, dict)
            inside[name] = found
        self.content[target] = inside

    def unpack(
        self,
        source: str,
        folder: str,
        names: tuple[str, ...],
        on_progress: OnProgress,
        cancel: Event | None,
    ) -> None:
        """One after the other."""
        packed = self._packed(source)
        for name in names:
            self._simulation.changes("images.unpack", name)
            if name not in packed:
                raise Failure(f"{source} lacks {name}.", "Export the Manager once more.")
            _progress(1, on_progress, cancel)
            self.content[f"{folder}/{name}"] = packed[name]

    def packed(self, source: str, name: str) -> bytes:
        """A small file."""
        found = self._packed(source).get(name)
        if not isinstance(found, bytes):
            raise Failure(f"{source} is no export of a Manager.", "Choose another file.")
        return found

    def _packed(self, source: str) -> dict[str, SimulatedImage | bytes]:
        found = self.content.get(source)
        if not isinstance(found, dict):
            raise Failure(f"{source} cannot be read.", "Choose another file.")
        return found

    def _there(self, path: str) -> SimulatedImage | bytes | dict[str, SimulatedImage | bytes]:
        if path not in self.content:
            raise Failure(f"{path} is not there.", "See that its storage is mounted.")
        return self.content[path]


def _part(target: str) -> str:
    folder, _slash, name = target.rpartition("/")
    return f"{folder}/.{name}.part"


def _unfinished(path: str) -> str:
    folder, _slash, name = path.rpartition("/")
    return f"{folder}/.{name}.12345678"


def _is_unfinished(path: str) -> bool:
    return is_unfinished(path.rpartition("/")[2])


def _progress(size: int, on_progress: OnProgress, cancel: Event | None) -> None:
    for done in (0, size // 2, size):
        if cancel is not None and cancel.is_set():
            raise Cancelled("copying the image")
        on_progress(done, size)
