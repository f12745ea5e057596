"""Where a file's bytes lie in an ISO 9660 image (ECMA-119), and nothing more.

Files of the primary volume descriptor's tree are found by path; Rock Ridge names are read so
that paths are those that a mounted medium shows. A file's bytes can then be replaced in place.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from foundation.failure import Failure

SECTOR = 2048
_PRIMARY = 16 * SECTOR


@dataclass(frozen=True)
class Extent:
    """A run of bytes in the image: ``offset`` and ``size`` in bytes."""

    offset: int
    size: int


@dataclass(frozen=True)
class Volume:
    """What the primary volume descriptor says: the label and the size in bytes."""

    label: str
    size: int
    root: Extent


def read_volume(stream: BinaryIO) -> Volume:
    """The primary volume descriptor; raises Failure when the file is no ISO 9660 image."""
    stream.seek(_PRIMARY)
    descriptor = stream.read(SECTOR)
    if len(descriptor) < SECTOR or descriptor[:6] != b"\x01CD001":
        raise Failure(
            f"{_name(stream)} is not an ISO image.", "Name an ISO made by flexvdi-iso build."
        )
    blocks = struct.unpack_from("<I", descriptor, 80)[0]
    start, size = struct.unpack_from("<I4xI", descriptor, 156 + 2)
    label = descriptor[40:72].decode("ascii", "replace").rstrip()
    return Volume(label, blocks * SECTOR, Extent(start * SECTOR, size))


def files(stream: BinaryIO) -> dict[str, Extent]:
    """Every regular file of the image by its path, without a leading slash.

    Raises Failure when the directories are damaged or name bytes that the image does not have.
    """
    root = read_volume(stream).root
    end = stream.seek(0, os.SEEK_END)
    try:
        found = dict(_walk(stream, root, "", end))
    except (struct.error, IndexError, RecursionError, _BeyondTheEnd) as error:
        raise Failure(
            f"{_name(stream)} is cut off or damaged.", "Use a complete copy of the ISO."
        ) from error
    return found


class _BeyondTheEnd(Exception):
    pass


def _walk(stream: BinaryIO, folder: Extent, prefix: str, end: int) -> Iterator[tuple[str, Extent]]:
    parts: dict[str, list[Extent]] = {}
    for name, extent, is_folder in _records(stream, folder):
        if extent.offset + extent.size > end:
            raise _BeyondTheEnd(name)
        if is_folder:
            yield from _walk(stream, extent, f"{prefix}{name}/", end)
        else:
            parts.setdefault(prefix + name, []).append(extent)
    for path, extents in parts.items():
        # Files of 4 GiB and more are several records whose extents follow one another.
        yield path, Extent(extents[0].offset, sum(extent.size for extent in extents))


def _records(stream: BinaryIO, folder: Extent) -> Iterator[tuple[str, Extent, bool]]:
    stream.seek(folder.offset)
    data = stream.read(folder.size)
    position = 0
    while position < len(data):
        length = data[position]
        if length == 0:  # records do not cross sectors
            position = (position // SECTOR + 1) * SECTOR
            continue
        record = data[position : position + length]
        position += length
        start, size = struct.unpack_from("<I4xI", record, 2)
        identifier = record[33 : 33 + record[32]]
        if identifier in (b"\x00", b"\x01"):
            continue
        name = _rock_ridge_name(record) or identifier.split(b";")[0].decode("ascii", "replace")
        yield name, Extent(start * SECTOR, size), bool(record[25] & 2)


def _rock_ridge_name(record: bytes) -> str:
    """The name in the record's NM entries (IEEE P1282); empty when it has none."""
    position = 33 + record[32] + (1 - record[32] % 2)
    name = b""
    while position + 4 <= len(record):
        signature, length = record[position : position + 2], record[position + 2]
        if length < 4:
            break
        if signature == b"NM":
            name += record[position + 5 : position + length]
        position += length
    return name.decode("utf-8", "replace")


def gpt_partitions(stream: BinaryIO) -> list[Extent]:
    """The used partitions of the image's GUID partition table, in order; empty without one."""
    stream.seek(512)
    header = stream.read(92)
    if header[:8] != b"EFI PART":
        return []
    table, count, entry_size = struct.unpack_from("<QII", header, 72)
    found = []
    for number in range(count):
        stream.seek(table * 512 + number * entry_size)
        entry = stream.read(entry_size)
        first, last = struct.unpack_from("<QQ", entry, 32)
        if entry[:16] != bytes(16):
            found.append(Extent(first * 512, (last - first + 1) * 512))
    return found


def _name(stream: BinaryIO) -> str:
    return Path(stream.name).name
