"""Block devices as lsblk(8) tells them, with udev's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from foundation.disk_names import lasting_link
from foundation.process import run
from host.backends.real.storage.json_answers import (
    Table,
    flag_of,
    number_of,
    parse_table,
    tables,
    text_of,
)
from host.storage_values import Disk, DiskContent

# No column that asks a mounted filesystem: one whose server is away would not answer.
_COLUMNS = (
    *("NAME", "KNAME", "PATH", "TYPE", "SIZE", "MODEL", "VENDOR", "SERIAL", "WWN", "TRAN"),
    *("ROTA", "RO", "RM", "STATE", "FSTYPE", "LABEL", "UUID", "PTTYPE", "MOUNTPOINTS"),
)
_DISKS = ("disk", "mpath")


def read_disks() -> tuple[Disk, ...]:
    """All disks of this machine."""
    answer = run(["lsblk", "--json", "--bytes", "--output", ",".join(_COLUMNS)], timeout=30)
    return parse_disks(answer.stdout, names_by_device())


def names_by_device(folder: Path = Path("/dev/disk")) -> dict[str, tuple[str, ...]]:
    """Kernel name to udev's links to it, those of by-id first."""
    found: dict[str, list[str]] = {}
    for kind in ("by-id", "by-path"):
        for link in sorted((folder / kind).glob("*")):
            found.setdefault(link.resolve().name, []).append(str(link))
    return {name: tuple(links) for name, links in found.items()}


def parse_disks(text: str, links: Mapping[str, tuple[str, ...]]) -> tuple[Disk, ...]:
    """lsblk's JSON as disks; a multipath device is listed once, with its paths as holders' hold."""
    found: dict[str, Disk] = {}
    for root in tables("lsblk", parse_table("lsblk", text), "blockdevices"):
        for device in _with_all_below(root):
            kind = text_of(device, "type")
            if kind in _DISKS and number_of(device, "size"):
                disk = _disk(device, links)
                found.setdefault(disk.name, disk)
    return tuple(found.values())


def _with_all_below(device: Table) -> Iterator[Table]:
    yield device
    for child in tables("lsblk", device, "children"):
        yield from _with_all_below(child)


def _disk(device: Table, links: Mapping[str, tuple[str, ...]]) -> Disk:
    name = text_of(device, "kname") or text_of(device, "name")
    path = text_of(device, "path") or f"/dev/{name}"
    by_id = links.get(name, ())
    kind, vendor = text_of(device, "type"), text_of(device, "vendor")
    multipath = [
        child for child in tables("lsblk", device, "children") if text_of(child, "type") == "mpath"
    ]
    contents = () if multipath else tuple(_contents(device))
    return Disk(
        name=name,
        path=path,
        stable=path if kind == "mpath" else lasting_link(by_id) or path,
        size=number_of(device, "size"),
        kind="multipath" if kind == "mpath" else "disk",
        model=text_of(device, "model").replace("_", " "),
        vendor=vendor if not vendor.startswith("0x") else "",  # virtio shows its PCI number
        serial=text_of(device, "serial"),
        wwn=text_of(device, "wwn"),
        transport=text_of(device, "tran"),
        rotational=flag_of(device, "rota"),
        read_only=flag_of(device, "ro"),
        removable=flag_of(device, "rm"),
        state=text_of(device, "state"),
        by_id=by_id,
        contents=contents,
        holders=tuple(_holders(device)),
    )


def _contents(device: Table) -> Iterator[DiskContent]:
    """What is on a device, without what is built across several of them (the holders)."""
    holds = text_of(device, "fstype") or (
        f"{text_of(device, 'pttype')} partition table" if text_of(device, "pttype") else ""
    )
    mounts = tuple(str(path) for path in device.get("mountpoints") or () if path)
    if holds or mounts or text_of(device, "type") == "part":
        yield DiskContent(
            device=text_of(device, "kname"),
            kind="partition" if text_of(device, "type") == "part" else "whole disk",
            size=number_of(device, "size"),
            holds=holds,
            label=text_of(device, "label"),
            uuid=text_of(device, "uuid"),
            mounts=mounts,
        )
    for child in tables("lsblk", device, "children"):
        if text_of(child, "type") == "part":
            yield from _contents(child)


def _holders(device: Table) -> Iterator[str]:
    """The devices built on this one or on its partitions, with what they are mounted on."""
    for child in tables("lsblk", device, "children"):
        if text_of(child, "type") != "part":
            mounts = [str(path) for path in child.get("mountpoints") or () if path]
            where = f" on {', '.join(mounts)}" if mounts else ""
            yield f"{text_of(child, 'name')} ({text_of(child, 'type')}{where})"
        yield from _holders(child)
