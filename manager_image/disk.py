"""The appliance's system disk: a partition table, GRUB for both firmwares, the read-only system."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from foundation.process import run
from iso.image import Ingredients
from manager_image import bios_boot
from manager_image.boot_partition import make_boot_partition
from manager_image.kind import BOOT_PARTITION

SECTOR = bios_boot.SECTOR
_MIB = 1 << 20
# GPT needs 34 sectors in front; GRUB's core fits between them and the first MiB.
_CORE_AT = 34
_FIRST_MIB = _MIB // SECTOR
_SYSTEM_PARTITION = 3
_BACKUP_TABLE_MIB = 1
# Names of partitions derive from this, so that equal images are equal and others are not.
_NAMESPACE = uuid.UUID("5f5ac1a5-98a7-4ad8-8a59-0a6d6d21b6e1")


@dataclass(frozen=True)
class _Extent:
    """A partition's first sector and its content."""

    start: int
    content: Path


def make_disk(found: Ingredients, system: Path, image: Path, work: Path) -> int:
    """Write the qcow2 ``image`` around the squashfs ``system``; its virtual size in bytes."""
    root_partition = _name(found, "system")
    boot = make_boot_partition(found, root_partition, work)
    boot_extent = _Extent(_FIRST_MIB, boot)
    system_extent = _Extent(_FIRST_MIB + _whole_mib(boot) * (_MIB // SECTOR), system)
    size = (1 + _whole_mib(boot) + _whole_mib(system) + _BACKUP_TABLE_MIB) * _MIB
    raw = work / "disk.raw"
    with raw.open("wb") as stream:
        stream.truncate(size)
    _partition(found, raw, boot_extent, system_extent)
    modules = found.root.tree / found.release.boot.grub_bios_modules.lstrip("/")
    core = bios_boot.placed_core(found.grub.read_bytes(), _CORE_AT)
    with raw.open("r+b") as stream:
        stream.write(bios_boot.boot_code((modules / "boot.img").read_bytes(), _CORE_AT))
        stream.seek(_CORE_AT * SECTOR)
        stream.write(core)
        for extent in (boot_extent, system_extent):
            _lay(extent, stream)
    # Kernel, initrd and system are compressed already; a second time would only cost.
    run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(raw), str(image)], timeout=1800)
    raw.unlink()
    return size


def _partition(found: Ingredients, raw: Path, boot: _Extent, system: _Extent) -> None:
    last = system.start + _whole_mib(system.content) * (_MIB // SECTOR) - 1
    table = (
        (1, _CORE_AT, _FIRST_MIB - 1, "EF02", "flexvdi-grub", _name(found, "grub")),
        (
            BOOT_PARTITION,
            boot.start,
            system.start - 1,
            "EF00",
            "flexvdi-boot",
            _name(found, "boot"),
        ),
        (
            _SYSTEM_PARTITION,
            system.start,
            last,
            "8300",
            "flexvdi-system",
            _name(found, "system"),
        ),
    )
    argv = ["sgdisk", "--set-alignment=1", f"--disk-guid={_name(found, 'disk')}"]
    for number, first, end, kind, label, guid in table:
        argv += [f"--new={number}:{first}:{end}", f"--typecode={number}:{kind}"]
        argv += [f"--change-name={number}:{label}", f"--partition-guid={number}:{guid}"]
    run([*argv, str(raw)])


def _lay(extent: _Extent, stream: BinaryIO) -> None:
    stream.seek(extent.start * SECTOR)
    with extent.content.open("rb") as content:
        shutil.copyfileobj(content, stream, _MIB)


def _name(found: Ingredients, part: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{found.release.build_id} {part}"))


def _whole_mib(path: Path) -> int:
    return -(-path.stat().st_size // _MIB)
