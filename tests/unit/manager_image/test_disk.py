"""The disk around a system: partition table, GRUB's addresses, boot files, equal bytes."""

from __future__ import annotations

import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from foundation.failure import Failure
from foundation.image_release import ImageRelease
from iso.bases.lock import Lock
from iso.image import Ingredients
from iso.root_tree import RootTree
from manager_image import bios_boot
from manager_image.boot_partition import menu
from manager_image.disk import make_disk
from manager_image.kind import MANAGER, load_base

EPOCH = 1_700_000_000
MIB = 1 << 20


def grub_core(sectors: int = 5) -> bytes:
    """A core as grub-mkimage leaves it: the list of the rest at the end of its first sector."""
    core = bytearray(sectors * 512 - 100)
    struct.pack_into("<QHH", core, 500, 2, sectors - 1, 0x820)
    return bytes(core)


BOOT_SECTOR = bytes(510) + b"\x55\xaa"


@dataclass(frozen=True)
class Made:
    """A disk (raw) and its parts."""

    raw: bytes
    qcow2: bytes
    system: bytes
    virtual_size: int


def make(folder: Path, build_id: str = "build-1") -> Made:
    """A disk around a small system."""
    base = load_base("debian-12")
    tree, boot = folder / "root/tree", folder / "boot"
    boot.mkdir(parents=True)
    release = ImageRelease(
        product=MANAGER.product,
        version="1",
        base=base.name,
        base_release=base.release,
        build_id=build_id,
        kernel_version="6.1",
        displays=(),
        selinux=False,
        boot=base.boot_files("6.1"),
        services={},
    )
    for path in (release.boot.kernel, release.boot.shim, release.boot.mok_manager,
                 release.boot.grub_efi):  # fmt: skip
        place = tree / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.encode() * 100)
    modules = tree / release.boot.grub_bios_modules.lstrip("/")
    modules.mkdir(parents=True)
    (modules / "boot.img").write_bytes(BOOT_SECTOR)
    (boot / "initrd.img").write_bytes(b"initrd" * 1000)
    (boot / MANAGER.grub.name).write_bytes(grub_core())
    system = folder / "system.squashfs"
    system.write_bytes(b"hsqs" + bytes(range(256)) * 8000)
    found = Ingredients(MANAGER, base, RootTree(tree, "k", EPOCH, {}, Lock()), boot, (), release)
    work = folder / "work"
    work.mkdir()
    size = make_disk(found, system, folder / "disk.qcow2", work)
    subprocess.run(
        ["qemu-img", "convert", "-O", "raw", folder / "disk.qcow2", folder / "raw"], check=True
    )
    return Made(
        (folder / "raw").read_bytes(),
        (folder / "disk.qcow2").read_bytes(),
        system.read_bytes(),
        size,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("disk"))


def partitions(raw: bytes) -> dict[str, tuple[int, int]]:
    """Names, and first and last byte, of the partitions (UEFI specification, 5.3)."""
    assert raw[512:520] == b"EFI PART"
    found = {}
    for number in range(128):
        entry = raw[1024 + 128 * number :][:128]
        if any(entry[:16]):
            first, last = struct.unpack_from("<QQ", entry, 32)
            name = entry[56:].decode("utf-16-le").rstrip("\0")
            found[name] = (first * 512, (last + 1) * 512)
    return found


def test_the_disk_has_three_partitions_and_the_system_in_the_last(made: Made) -> None:
    found = partitions(made.raw)
    assert list(found) == ["flexvdi-grub", "flexvdi-boot", "flexvdi-system"]
    assert len(made.raw) == made.virtual_size and made.virtual_size % MIB == 0
    start, end = found["flexvdi-system"]
    assert start % MIB == 0
    assert made.raw[start : start + len(made.system)] == made.system
    assert end <= made.virtual_size - 34 * 512


def test_sgdisk_finds_no_problem(made: Made, tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(made.raw)
    said = subprocess.run(
        ["sgdisk", "--verify", tmp_path / "raw"], capture_output=True, text=True, check=True
    )
    assert "No problems found" in said.stdout


def test_grub_is_told_where_it_lies(made: Made) -> None:
    start, _ = partitions(made.raw)["flexvdi-grub"]
    (core_at,) = struct.unpack_from("<Q", made.raw, 0x5C)
    assert core_at * 512 == start
    rest_at, count, _ = struct.unpack_from("<QHH", made.raw, start + 500)
    assert (rest_at, count) == (core_at + 1, 4)
    # The partition table that sgdisk wrote is still behind the code.
    assert made.raw[510:512] == b"\x55\xaa" and made.raw[450] == 0xEE


def test_both_firmwares_find_their_menu_and_files(made: Made, tmp_path: Path) -> None:
    start, end = partitions(made.raw)["flexvdi-boot"]
    image = tmp_path / "boot.img"
    image.write_bytes(made.raw[start:end])
    listed = subprocess.run(
        ["mdir", "-b", "-/", "-i", image, "::"],
        capture_output=True,
        text=True,
        check=True,
        env={"MTOOLS_SKIP_CHECK": "1", "PATH": "/usr/bin:/bin"},
    ).stdout.split()
    assert set(listed) >= {
        "::/vmlinuz",
        "::/initrd.img",
        "::/grub/grub.cfg",
        "::/EFI/debian/grub.cfg",
        "::/EFI/BOOT/BOOTX64.EFI",
        "::/EFI/BOOT/grubx64.efi",
    }


def test_equal_ingredients_make_equal_bytes(made: Made, tmp_path: Path) -> None:
    again = make(tmp_path)
    assert again.raw == made.raw
    assert again.qcow2 == made.qcow2


def test_another_build_has_partitions_of_another_name(made: Made, tmp_path: Path) -> None:
    assert make(tmp_path, "build-2").raw[:2048] != made.raw[:2048]


def test_the_kernel_line_names_this_image_and_opens_no_shell() -> None:
    text = menu(load_base("debian-12"), "1234-guid")
    (line,) = [line for line in text.splitlines() if line.startswith("linux ")]
    words = line.split()
    assert "root=PARTUUID=1234-guid" in words and "systemd.volatile=overlay" in words
    assert "rd.shell=0" in words
    consoles = [word for word in words if word.startswith("console=")]
    assert consoles[-1].startswith("console=ttyS0"), "progress goes to the last one"


def test_a_core_of_another_form_is_refused() -> None:
    with pytest.raises(Failure, match="not of the form"):
        bios_boot.placed_core(bytes(2048), 34)
    with pytest.raises(Failure, match="not of the form"):
        bios_boot.boot_code(bytes(512), 34)
