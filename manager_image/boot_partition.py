"""The partition that the appliance boots from: GRUB for UEFI, its menu, kernel and initrd.

It is the EFI system partition; GRUB for BIOS reads its menu, kernel and initrd there as well.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from foundation.process import run
from iso.bases.model import Base
from iso.image import Ingredients
from iso.medium import settle
from manager_image.kind import GRUB_FOLDER

# The last console is /dev/console, where the appliance tells how far it is.
_CONSOLES = ("console=tty0", "console=ttyS0,115200n8")
# The root is read only, and what is changed of it is forgotten: state lies on the data disk alone.
# A boot that cannot find its root is tried again and opens no shell. The timer is a guest's: that
# it ticks late on a busy host does not mean that it is broken.
_ARGUMENTS = (
    "rootfstype=squashfs", "ro", "systemd.volatile=overlay", "rd.shell=0", "rd.emergency=reboot",
    "panic=10", "quiet", "systemd.gpt_auto=0", "no_timer_check",
)  # fmt: skip
_SPARE_MIB = 2


def menu(base: Base, root_partition: str) -> str:
    """GRUB's configuration; ``root_partition`` is the GUID of the system's partition."""
    arguments = (
        f"root=PARTUUID={root_partition}",
        *_ARGUMENTS,
        *_CONSOLES,
        *base.kernel_arguments,
    )
    return f"""\
# There is nothing to choose: a broken image is replaced as a whole.
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
linux /vmlinuz {" ".join(arguments)}
initrd /initrd.img
boot
"""


def make_boot_partition(found: Ingredients, root_partition: str, work: Path) -> Path:
    """The partition's FAT image, made in ``work``; equal ingredients give equal bytes."""
    stage, image = work / "boot", work / "boot.img"
    _stage(found, menu(found.base, root_partition), stage)
    settle(stage, found.root.epoch)
    files = sorted(path for path in stage.rglob("*") if path.is_file())
    folders = sorted(path for path in stage.rglob("*") if path.is_dir())
    size = sum(path.stat().st_size for path in files)
    with image.open("wb") as stream:
        stream.truncate((-(-size // (1 << 20)) + _SPARE_MIB) << 20)
    run(["mkfs.vfat", "--invariant", "-i", "F1E8D002", "-n", "FLEXVDI-BT", str(image)])
    environment = {
        "SOURCE_DATE_EPOCH": str(found.root.epoch),
        "TZ": "UTC",
        "MTOOLS_SKIP_CHECK": "1",
    }
    on_image = ["-i", str(image)]
    names = [f"::/{path.relative_to(stage)}" for path in folders]
    run(["mmd", *on_image, *names], environment=environment)
    for path in files:
        target = f"::/{path.relative_to(stage)}"
        run(["mcopy", "-m", *on_image, str(path), target], environment=environment)
    return image


def _stage(found: Ingredients, text: str, stage: Path) -> None:
    boot = found.release.boot
    programs, vendor = stage / "EFI/BOOT", stage / "EFI" / boot.efi_vendor
    for folder in (programs, vendor, stage / GRUB_FOLDER):
        folder.mkdir(parents=True)
    for source, name in (
        (boot.shim, "BOOTX64.EFI"),
        (boot.mok_manager, "mmx64.efi"),
        (boot.grub_efi, "grubx64.efi"),
    ):
        shutil.copyfile(found.root.tree / source.lstrip("/"), programs / name)
    shutil.copyfile(found.kernel, stage / "vmlinuz")
    shutil.copyfile(found.initrd, stage / "initrd.img")
    # The signed GRUB reads the vendor's folder, that for BIOS its own.
    for folder in (vendor, stage / GRUB_FOLDER):
        (folder / "grub.cfg").write_text(text)
