"""Copying a file without its holes, as fast as the kernel can, with progress.

lseek(2) with SEEK_DATA and SEEK_HOLE finds what there is; copy_file_range(2) copies it inside of
the kernel, and on filesystems with reflinks, or on an NFS 4.2 server, without moving a byte.
Writing back is started behind the copying, so that the fsync at the end has little left to wait
for and the progress shown is true.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event

from foundation.failure import Cancelled
from host.machine.manager.images import OnProgress

_CHUNK = 16 << 20
_NOT_HERE = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM)


def copy_sparse(
    source: Path, target: Path, on_progress: OnProgress, cancel: Event | None = None
) -> None:
    """Copy ``source`` to ``target`` and force it to disk; progress counts bytes of data.

    Raises OSError, and Cancelled; what was written so far is the caller's to remove.
    """
    read = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        write = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(read).st_size
            os.ftruncate(write, size)
            extents = tuple(data_extents(read, size))
            total, done = sum(length for _start, length in extents), 0
            on_progress(0, total)
            for start, length in extents:
                for place in range(start, start + length, _CHUNK):
                    if cancel is not None and cancel.is_set():
                        raise Cancelled("copying the image")
                    count = min(_CHUNK, start + length - place)
                    _copy(read, write, place, count)
                    done += count
                    on_progress(done, total)
            os.fsync(write)
        finally:
            os.close(write)
    finally:
        os.close(read)


def data_extents(descriptor: int, size: int) -> Iterator[tuple[int, int]]:
    """Start and length of each stretch of data, in order; all of it where holes are not told."""
    place = 0
    while place < size:
        try:
            start = os.lseek(descriptor, place, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole is left
                return
            if error.errno == errno.EINVAL:
                yield place, size - place
                return
            raise
        end = os.lseek(descriptor, start, os.SEEK_HOLE)
        yield start, end - start
        place = end


def _copy(read: int, write: int, place: int, count: int) -> None:
    """``count`` bytes at ``place``."""
    while count:
        try:
            copied = os.copy_file_range(read, write, count, place, place)
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
            copied = os.pwrite(write, os.pread(read, min(count, 1 << 20), place), place)
        if copied == 0:
            raise OSError(errno.EIO, "the image became shorter while it was copied")
        place += copied
        count -= copied
