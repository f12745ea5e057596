"""Disk images of this machine (host.machine.manager.images.Images)."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import IO

from foundation.atomic_file import is_unfinished, remove_unfinished, write_atomically
from foundation.failure import Cancelled, Failure
from foundation.process import run
from foundation.process_errors import explain
from host.backends.real.manager.sparse_copy import copy_sparse
from host.backends.real.storage.findmnt import read_table, read_usage
from host.backends.real.storage.responding import responds
from host.machine.manager.images import ImageInfo, OnProgress, StorageAway, StorageTrial

_BLOCK = 4 << 20
_SHARED = ("nfs", "nfs4", "cifs", "glusterfs", "fuse.glusterfs", "ceph", "gfs2", "ocfs2")
_LARGEST_READ = 16 << 20
_TRIALS = 8


class RealImages:
    """Files, and qemu-img for what is inside of them."""

    def info(self, path: str) -> ImageInfo | None:
        """``qemu-img info``, which also reads images that are in use."""
        _refuse_if_away(path)
        if not Path(path).exists():
            return None
        said = json.loads(run(["qemu-img", "info", "--output=json", "-U", path]).stdout)
        return ImageInfo(said["format"], int(said["virtual-size"]), int(said["actual-size"]))

    def digest(self, path: str, on_progress: OnProgress, cancel: Event | None = None) -> str:
        """In blocks, so that it can be followed and cancelled."""
        digest = hashlib.sha256()
        with _explained(path), Path(path).open("rb") as stream:
            total = os.fstat(stream.fileno()).st_size
            done = 0
            while block := stream.read(_BLOCK):
                _check(cancel, "checking the image")
                digest.update(block)
                done += len(block)
                on_progress(done, total)
        return digest.hexdigest()

    def copy(
        self, source: str, target: str, on_progress: OnProgress, cancel: Event | None = None
    ) -> None:
        """Beside the target first, then renamed."""
        with _part_of(target) as part, _explained(target):
            copy_sparse(Path(source), part, on_progress, cancel)

    def create(self, path: str, size: int) -> None:
        """With lazy refcounts off and metadata as it grows: small, and sparse on any filesystem."""
        with _part_of(path) as part:
            run(["qemu-img", "create", "-q", "-f", "qcow2", str(part), str(size)])
            part.chmod(0o600)

    def grow(self, path: str, size: int) -> None:
        """``qemu-img resize``."""
        run(["qemu-img", "resize", "-q", "-f", "qcow2", path, str(size)])

    def remove(self, path: str) -> None:
        """Unlink, and what a write of it that was killed has left."""
        with _explained(path):
            Path(path).unlink(missing_ok=True)
            remove_unfinished(path)

    def rename(self, path: str, target: str) -> None:
        """Rename, and force it to disk."""
        with _explained(target):
            Path(path).replace(target)
            _force_folder(Path(target).parent)

    def make_folder(self, path: str) -> None:
        """Mode 0711: QEMU's user goes through, nobody else sees what is there."""
        with _explained(path):
            Path(path).mkdir(mode=0o711, parents=True, exist_ok=True)

    def remove_folder(self, path: str) -> None:
        """rmdir."""
        with suppress(OSError):
            Path(path).rmdir()

    def entries(self, path: str) -> tuple[str, ...]:
        """Sorted."""
        _refuse_if_away(path)
        try:
            names = sorted(entry.name for entry in Path(path).iterdir())
        except OSError:
            return ()
        return tuple(name for name in names if not is_unfinished(name))

    def read(self, path: str) -> bytes | None:
        """At most 16 MiB."""
        _refuse_if_away(path)
        try:
            with Path(path).open("rb") as stream:
                return stream.read(_LARGEST_READ)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Failure(
                f"{path} cannot be read: {error.strerror}.", "See that its storage is there."
            ) from error

    def size(self, path: str) -> int | None:
        """stat(2)."""
        try:
            return Path(path).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Failure(
                f"{path} cannot be read: {error.strerror}.", "See that its storage is there."
            ) from error

    def pieces(self, path: str) -> Iterator[bytes]:
        """Of 4 MiB."""
        with _explained(path), Path(path).open("rb") as stream:
            while block := stream.read(_BLOCK):
                yield block

    def write(self, path: str, data: bytes, mode: int = 0o600) -> None:
        """Atomically; what a write of it that was killed has left goes, for it may hold secrets."""
        with _explained(path):
            remove_unfinished(path)
            write_atomically(Path(path), data, mode)

    def try_storage(self, folder: str) -> StorageTrial:
        """In a file of its own that is gone afterwards."""
        if not responds(folder):
            return StorageTrial("nfs", True, 0, failed="it does not answer")
        place = Path(folder)
        while not place.is_dir() and place != place.parent:
            place = place.parent
        kind = _filesystem_of(place)
        usage = read_usage(str(place))
        if usage is None:
            return StorageTrial(kind, kind in _SHARED, 0, failed="it does not answer")
        try:
            seconds, locks, direct = _try(place)
        except OSError as error:
            words = error.strerror or "it cannot be written"
            return StorageTrial(kind, kind in _SHARED, usage.free, failed=words)
        return StorageTrial(kind, kind in _SHARED, usage.free, seconds, locks, direct)

    def pack(
        self, target: str, files: Mapping[str, str], on_progress: OnProgress, cancel: Event | None
    ) -> None:
        """In the order given; holes are not kept, but qcow2 has few."""
        sizes = {name: Path(path).stat().st_size for name, path in files.items()}
        total, before = sum(sizes.values()), 0
        with _part_of(target) as part, _explained(target), part.open("wb") as stream:
            os.fchmod(stream.fileno(), 0o600)
            with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
                for name, path in files.items():
                    entry = tarfile.TarInfo(name)
                    entry.size, entry.mode, entry.mtime = sizes[name], 0o600, int(time.time())
                    with Path(path).open("rb") as source:
                        archive.addfile(entry, _Counted(source, before, total, on_progress, cancel))
                    before += sizes[name]
            stream.flush()
            os.fsync(stream.fileno())

    def unpack(
        self,
        source: str,
        folder: str,
        names: tuple[str, ...],
        on_progress: OnProgress,
        cancel: Event | None,
    ) -> None:
        """Each file beside its place first, then renamed; names with folders are never made."""
        with _opened(source) as archive:
            wanted = {each.name: each for each in archive if each.isfile() and each.name in names}
            missing = [name for name in names if name not in wanted]
            if missing:
                raise Failure(
                    f"{source} lacks {', '.join(missing)}.", "Export the Manager once more."
                )
            total, before = sum(each.size for each in wanted.values()), 0
            for name, entry in wanted.items():
                inside = archive.extractfile(entry)
                assert inside is not None
                with _part_of(f"{folder}/{name}") as part, _explained(folder):
                    with part.open("wb") as target:
                        os.fchmod(target.fileno(), 0o600)
                        _write_sparse(
                            _Counted(inside, before, total, on_progress, cancel), target, entry.size
                        )
                before += entry.size

    def packed(self, source: str, name: str) -> bytes:
        """Read from the start of the tar."""
        with _opened(source) as archive:
            for entry in archive:
                if entry.name == name and entry.isfile() and entry.size <= _LARGEST_READ:
                    inside = archive.extractfile(entry)
                    assert inside is not None
                    return inside.read()
        raise Failure(
            f"{source} is no export of a Manager: it has no {name}.", "Choose another file."
        )


class _Counted:
    """A stream that tells how much of it was read, and can be cancelled."""

    def __init__(
        self,
        stream: IO[bytes],
        before: int,
        total: int,
        on_progress: OnProgress,
        cancel: Event | None,
    ) -> None:
        self._stream = stream
        self._done = before
        self._total = total
        self._on_progress = on_progress
        self._cancel = cancel

    def read(self, size: int = -1) -> bytes:
        """Some bytes."""
        _check(self._cancel, "packing")
        data = self._stream.read(size)
        self._done += len(data)
        self._on_progress(self._done, self._total)
        return data


def _write_sparse(source: _Counted, target: IO[bytes], size: int) -> None:
    """Blocks of zeros become holes."""
    zeros = bytes(_BLOCK)
    while block := source.read(_BLOCK):
        if block == zeros[: len(block)]:
            target.seek(len(block), os.SEEK_CUR)
        else:
            target.write(block)
    target.truncate(size)
    target.flush()
    os.fsync(target.fileno())


@contextmanager
def _opened(source: str) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(source, "r:") as archive:
            yield archive
    except (OSError, tarfile.TarError) as error:
        raise Failure(
            f"{source} cannot be read: {getattr(error, 'strerror', None) or error}.",
            "Copy the export once more, or choose another file.",
        ) from error


def _try(folder: Path) -> tuple[float, bool, bool]:
    """Median seconds of an fsync of 4 KiB, whether locks hold, whether O_DIRECT is there."""
    name = folder / f".flexvdi-trial-{os.getpid()}"
    try:
        with name.open("wb") as one:
            times = []
            for _number in range(_TRIALS):
                one.write(os.urandom(4096))
                one.flush()
                start = time.perf_counter()
                os.fsync(one.fileno())
                times.append(time.perf_counter() - start)
            fcntl.flock(one, fcntl.LOCK_EX)
            with name.open("rb") as other:
                try:
                    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    locks = False
                except BlockingIOError:
                    locks = True
        renamed = name.with_suffix(".renamed")
        name.replace(renamed)
        try:
            os.close(os.open(renamed, os.O_RDONLY | os.O_DIRECT))
            direct = True
        except OSError:
            direct = False
        renamed.unlink()
        return sorted(times)[_TRIALS // 2], locks, direct
    finally:
        name.unlink(missing_ok=True)


def _refuse_if_away(path: str) -> None:
    if not responds(path):
        raise StorageAway(path)


def _filesystem_of(folder: Path) -> str:
    """Of the mount that ``folder`` is on."""
    path = str(folder.resolve())
    above = [
        mount
        for mount in read_table()
        if path == mount.path or path.startswith(mount.path.rstrip("/") + "/")
    ]
    return max(above, key=lambda mount: len(mount.path)).filesystem if above else ""


@contextmanager
def _part_of(target: str) -> Iterator[Path]:
    """A name beside ``target`` to write to; it becomes the target if nothing is raised."""
    final = Path(target)
    part = final.with_name(f".{final.name}.part")
    try:
        yield part
        part.replace(final)
        _force_folder(final.parent)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        cause, remedy = explain("flexvdi-config", 1, error.strerror or str(error))
        raise Failure(f"{path} could not be written. {cause}", remedy) from error


def _force_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check(cancel: Event | None, what: str) -> None:
    if cancel is not None and cancel.is_set():
        raise Cancelled(what)
