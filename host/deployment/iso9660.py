"""A small ISO 9660 medium with a few files, made in memory: what carries a seed into a guest.

ECMA-119 for the plain names, and Joliet (a second volume descriptor with names in UCS-2) for names
as ``network-config`` that the plain ones cannot have. One folder, every file contiguous. It holds
nothing of the time it was made at, so the same files make the same bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

_SECTOR = 2048
_SYSTEM_AREA = 16
_NO_TIME = b"0" * 16 + b"\0"
_RECORD_TIME = bytes((70, 1, 1, 0, 0, 0, 0))
_UCS2_LEVEL_3 = b"%/E"


def make_medium(label: str, files: Mapping[str, bytes]) -> bytes:
    """The whole medium. ``label`` is kept as it is: NoCloud wants ``cidata`` in small letters."""
    names = sorted(files)
    # After the system area: two volume descriptors, their end, two pairs of path tables, two
    # folders; then the files.
    tables = _SYSTEM_AREA + 3
    folders = tables + 4
    place = folders + 2
    extents: dict[str, tuple[int, int]] = {}
    for name in names:
        extents[name] = (place, len(files[name]))
        place += max(1, _sectors(len(files[name])))
    plain = {_plain(name): extents[name] for name in names}
    joliet = {name.encode("utf-16-be"): extents[name] for name in names}
    parts = [
        bytes(_SYSTEM_AREA * _SECTOR),
        _volume(1, b"", label.encode("ascii").ljust(32), place, tables, folders),
        _volume(
            2,
            _UCS2_LEVEL_3,
            label.encode("utf-16-be").ljust(32, b"\0"),
            place,
            tables + 2,
            folders + 1,
        ),
        (b"\xffCD001\x01").ljust(_SECTOR, b"\0"),
        _path_table("<", folders),
        _path_table(">", folders),
        _path_table("<", folders + 1),
        _path_table(">", folders + 1),
        _folder(folders, plain),
        _folder(folders + 1, joliet),
    ]
    parts += [
        files[name].ljust(max(1, _sectors(len(files[name]))) * _SECTOR, b"\0") for name in names
    ]
    return b"".join(parts)


def _sectors(size: int) -> int:
    return -(-size // _SECTOR)


def _plain(name: str) -> bytes:
    """A level 2 name; hyphens, which the standard lacks, are read everywhere."""
    ending = ";1" if "." in name else ".;1"
    return f"{name.upper()}{ending}".encode("ascii")


def _both(value: int) -> bytes:
    """A number of 32 bits in both byte orders."""
    return struct.pack("<I", value) + struct.pack(">I", value)


def _both_short(value: int) -> bytes:
    return struct.pack("<H", value) + struct.pack(">H", value)


def _record(name: bytes, place: int, size: int, *, folder: bool = False) -> bytes:
    """A directory record (ECMA-119, 9.1)."""
    padded = name + (b"" if len(name) % 2 else b"\0")
    body = b"".join(
        (
            b"\0",
            _both(place),
            _both(size),
            _RECORD_TIME,
            bytes((2 if folder else 0, 0, 0)),
            _both_short(1),
            bytes((len(name),)),
            padded,
        )
    )
    return bytes((len(body) + 1,)) + body


def _folder(place: int, entries: Mapping[bytes, tuple[int, int]]) -> bytes:
    records = [
        _record(b"\0", place, _SECTOR, folder=True),
        _record(b"\1", place, _SECTOR, folder=True),
        *(_record(name, *entries[name]) for name in sorted(entries)),
    ]
    data = b"".join(records)
    if len(data) > _SECTOR:
        raise ValueError("more files than one sector has room for")
    return data.ljust(_SECTOR, b"\0")


def _path_table(order: str, place: int) -> bytes:
    """The root alone (ECMA-119, 9.4)."""
    return struct.pack(f"{order}BBIH2s", 1, 0, place, 1, b"\0\0").ljust(_SECTOR, b"\0")


def _volume(kind: int, escapes: bytes, label: bytes, size: int, tables: int, root: int) -> bytes:
    """A primary or supplementary volume descriptor (ECMA-119, 8.4 and 8.5)."""
    blank = (b" " if kind == 1 else b"\0 ") * 256
    descriptor = b"".join(
        (
            bytes((kind,)) + b"CD001\x01\0",
            blank[:32],
            label,
            bytes(8),
            _both(size),
            escapes.ljust(32, b"\0"),
            _both_short(1),
            _both_short(1),
            _both_short(_SECTOR),
            _both(10),
            struct.pack("<II", tables, 0),
            struct.pack(">II", tables + 1, 0),
            _record(b"\0", root, _SECTOR, folder=True),
            blank[:128] * 4,
            blank[:36] + b" ",
            blank[:36] + b" ",
            blank[:36] + b" ",
            _NO_TIME * 4,
            b"\x01\0",
        )
    )
    return descriptor.ljust(_SECTOR, b"\0")
