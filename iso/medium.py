"""The ISO: a hybrid that BIOS and UEFI boot from a CD or from a USB stick.

The recipe is xorriso's for GRUB: El Torito images for both firmwares, a boot sector and a GPT for
sticks. UEFI goes through the signed shim, GRUB and kernel, so that Secure Boot may be enforced.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from foundation.process import run
from iso.bases.model import Base

ESP_NAME = "EFI system partition"
_ESP_TYPE = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
_DATA_TYPE = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"
_ELTORITO = "boot/eltorito.img"
# xorriso writes the addresses of the medium into these.
CHANGED_BY_XORRISO = (_ELTORITO,)


def stage_boot_files(
    base: Base, root: Path, eltorito: Path, stage: Path, menu: str, esp_menu: str
) -> None:
    """Put GRUB for both firmwares and its menus into the medium's folder ``stage``."""
    grub = stage / base.media.grub_directory
    grub.mkdir(parents=True)
    (grub / "grub.cfg").write_text(menu)
    shutil.copyfile(eltorito, stage / _ELTORITO)
    efi = stage / "EFI/BOOT"
    efi.mkdir(parents=True)
    for source, name in (
        (base.boot.shim, "BOOTX64.EFI"),
        (base.boot.mok_manager, "mmx64.efi"),
        (base.media.grub_efi_cd, "grubx64.efi"),
    ):
        shutil.copyfile(root / source.lstrip("/"), efi / name)
    (efi / "grub.cfg").write_text(esp_menu)


def make_esp(base: Base, stage: Path, image: Path, epoch: int) -> None:
    """The FAT image of the EFI system partition: the medium's own EFI files once more.

    GRUB reads its configuration from the prefix that it was built with, here as on the medium.
    """
    settle(stage, epoch)
    size = sum(path.stat().st_size for path in (stage / "EFI/BOOT").iterdir())
    megabytes = -(-size // (1 << 20)) + 1
    image.unlink(missing_ok=True)
    with image.open("wb") as stream:
        stream.truncate(megabytes << 20)
    run(
        ["mkfs.vfat", "--invariant", "-i", "F1E8D001", "-n", "FLEXVDI-EFI", "-S", "512", str(image)]
    )
    grub = Path(base.media.grub_directory)
    folders = [
        "EFI",
        "EFI/BOOT",
        *reversed([str(parent) for parent in grub.parents][:-1]),
        str(grub),
    ]
    environment = {"SOURCE_DATE_EPOCH": str(epoch), "TZ": "UTC", "MTOOLS_SKIP_CHECK": "1"}
    on_image = ["-i", str(image)]
    run(["mmd", *on_image, *(f"::/{folder}" for folder in folders)], environment=environment)
    for path in sorted((stage / "EFI/BOOT").iterdir()):
        target = f"::/EFI/BOOT/{path.name}"
        run(["mcopy", "-m", *on_image, str(path), target], environment=environment)
    menu = stage / "EFI/BOOT/grub.cfg"
    run(["mcopy", "-m", *on_image, str(menu), f"::/{grub}/grub.cfg"], environment=environment)


def make_iso(
    base: Base, root: Path, stage: Path, esp: Path, label: str, output: Path, epoch: int
) -> None:
    """Write the ISO of ``stage`` to ``output``; equal inputs give equal bytes."""
    settle(stage, epoch)
    hybrid = root / base.media.grub_hybrid_mbr.lstrip("/")
    run(
        [
            "xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-joliet-long", "-V", label,
            "-iso-level", "3", "-o", str(output),
            "--grub2-mbr", str(hybrid), "-partition_offset", "16",
            "-appended_part_as_gpt", "-append_partition", "2", _ESP_TYPE, str(esp),
            "-iso_mbr_part_type", _DATA_TYPE,
            "-c", "boot.cat", "--boot-catalog-hide",
            "-b", _ELTORITO, "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table",
            "--grub2-boot-info",
            "-eltorito-alt-boot", "-e", "--interval:appended_partition_2:all::", "-no-emul-boot",
            str(stage),
        ],
        timeout=3600,
        environment={"SOURCE_DATE_EPOCH": str(epoch), "TZ": "UTC"},
    )  # fmt: skip


def settle(folder: Path, epoch: int) -> None:
    """Give ``folder`` and all below the time ``epoch`` and ordinary permissions."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)
    os.utime(folder, (epoch, epoch))
