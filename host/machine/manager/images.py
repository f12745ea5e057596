"""Disk images of a machine: files in folders of its volumes, and the qcow2 inside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from foundation.failure import Failure


class StorageAway(Failure):
    """What a path is on does not answer."""

    def __init__(self, path: str) -> None:
        """``path`` is what was to be looked at."""
        super().__init__(
            f"The storage of {path} does not answer.",
            "Look at its server and the network to it: `flexvdi-config mounts show`.",
        )


OnProgress = Callable[[int, int], None]
"""Is told how many bytes of how many are done."""


@dataclass(frozen=True)
class ImageInfo:
    """An image: its ``format``, and in bytes what guests see and what it takes."""

    format: str
    virtual_size: int
    size: int


@dataclass(frozen=True)
class StorageTrial:
    """What came of writing in a folder. Times are in seconds; ``failed`` is empty if all went well.

    ``locks`` tells whether a lock taken by one process keeps another one out, ``direct`` whether
    QEMU can go past the host's cache (O_DIRECT).
    """

    filesystem: str
    shared: bool
    free: int
    fsync_seconds: float = 0.0
    locks: bool = True
    direct: bool = True
    failed: str = ""


class Images(Protocol):
    """Files, qemu-img and the kernel's ways to copy. Paths are absolute, sizes in bytes.

    What only looks never waits for a server that is away: ``info``, ``entries`` and ``read`` raise
    StorageAway then.
    """

    def info(self, path: str) -> ImageInfo | None:
        """What the image is; None when there is no such file."""

    def digest(self, path: str, on_progress: OnProgress, cancel: Event | None = None) -> str:
        """Its SHA-256 in hexadecimal digits."""

    def copy(
        self, source: str, target: str, on_progress: OnProgress, cancel: Event | None = None
    ) -> None:
        """Copy a file with its holes; ``target`` is there only once all of it is on disk.

        Raises Failure, and leaves nothing behind, when there is no room or it is cancelled.
        """

    def create(self, path: str, size: int) -> None:
        """Make an empty qcow2 that guests see as ``size`` bytes."""

    def grow(self, path: str, size: int) -> None:
        """Let guests see ``size`` bytes; never less than before."""

    def remove(self, path: str) -> None:
        """Remove a file, and what writes of it have left; nothing happens when there is none."""

    def rename(self, path: str, target: str) -> None:
        """Give a file another name on the same filesystem; replaces what had it."""

    def make_folder(self, path: str) -> None:
        """Have a folder that QEMU can enter and others cannot read."""

    def remove_folder(self, path: str) -> None:
        """Remove a folder that is empty; one that is not, or is not there, stays as it is."""

    def entries(self, path: str) -> tuple[str, ...]:
        """Names in a folder; none when it is not there or cannot be read.

        What a ``write`` that was killed has left is none of them: it is nobody's, and the next
        ``write`` or ``remove`` of that file takes it away.
        """

    def read(self, path: str) -> bytes | None:
        """A small file; None when there is none."""

    def size(self, path: str) -> int | None:
        """How many bytes a file has; None when there is none."""

    def pieces(self, path: str) -> Iterator[bytes]:
        """A file that may be large, piece by piece."""

    def write(self, path: str, data: bytes, mode: int = 0o600) -> None:
        """Write a small file whole or not at all."""

    def try_storage(self, folder: str) -> StorageTrial:
        """Write, lock, rename and fsync in a folder (or the nearest one above that exists)."""

    def pack(
        self, target: str, files: Mapping[str, str], on_progress: OnProgress, cancel: Event | None
    ) -> None:
        """A tar at ``target`` of ``files``, name inside to path; there only once it is whole."""

    def unpack(
        self,
        source: str,
        folder: str,
        names: tuple[str, ...],
        on_progress: OnProgress,
        cancel: Event | None,
    ) -> None:
        """Unpack ``names`` of a tar into ``folder``; other entries are passed over."""

    def packed(self, source: str, name: str) -> bytes:
        """A small file inside of a tar; raises Failure when it is none or has none."""
