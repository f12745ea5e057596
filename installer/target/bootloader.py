"""Makes every boot disk start the new system alone, in both firmwares.

BIOS: GRUB of the image itself goes to each disk's BIOS boot area. UEFI: the signed shim and GRUB
of the image are copied to each disk's ESP, under the vendor's folder and under the fallback path
that firmware tries when its own list of entries is empty or full. Which file is which is told by
the image's release; nothing here knows a distribution.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.image_release import ImageRelease
from foundation.process import ProcessFailed, run
from installer.engine.step import InstallContext
from installer.storage.filesystems import filesystem_uuid
from installer.storage.layout import DiskLayout
from installer.storage.mounting import mounts_under, unmount_tree
from installer.storage.raid import array_uuid
from installer.target.boot_menu import (
    FIRST_SLOT,
    BootPlace,
    arguments_text,
    core_text,
    environment_block,
    menu_text,
    stub_text,
)
from installer.target.image_copy import installed_release
from installer.target.inside import run_inside
from installer.target.kernel_arguments import kernel_arguments

_ESP_MOUNT = Path("/run/flexvdi/esp")
_FALLBACK = "EFI/BOOT"
# All that GRUB needs is in its core, which the BIOS boot area has ample room for: what reads /boot
# wherever it lies (also on a mirror whose other half is missing), and the menu's commands.
_GRUB_MODULES = (
    *("biosdisk", "part_gpt", "part_msdos", "mdraid1x", "mdraid09", "lvm", "ext2", "xfs", "fat"),
    *("search", "search_fs_uuid", "search_fs_file", "search_label", "normal", "configfile"),
    *("linux", "boot", "chain", "echo", "test", "true", "regexp", "loadenv", "sleep", "minicmd"),
    *("serial", "terminal", "password_pbkdf2", "ls", "cat", "reboot", "halt"),
)


def install_bootloader(context: InstallContext) -> None:
    """Write kernel, initrd and menu to ``/boot``, and GRUB to every boot disk."""
    if context.plan.bootloader.location == "none":
        context.say("No bootloader, as the answers ask")
        return
    release = installed_release(context)
    place = boot_place(context)
    context.say("Writing the boot menu")
    write_slot(context, release)
    write_menu(context, release, place)
    _make_bios_core(context, release, place)
    for disk in context.layout.boot_disks:
        context.say(f"Making {disk.path} bootable")
        _install_for_bios(context, release, disk)
        _install_for_uefi(context, release, place, disk)
    if context.machine.firmware == "uefi":
        register_with_firmware(context, release)


def boot_place(context: InstallContext) -> BootPlace:
    """Where GRUB finds ``/boot``."""
    boot = context.layout.filesystem_at("/boot")
    holder = boot or context.layout.filesystem_at("/")
    assert holder is not None
    return BootPlace(filesystem_uuid(holder.path), "" if boot else "/boot")


def write_slot(context: InstallContext, release: ImageRelease) -> None:
    """Fill the first slot's folder under ``/boot``: kernel, initrd, arguments."""
    folder = context.target / "boot" / FIRST_SLOT
    folder.mkdir(mode=0o755, exist_ok=True)
    for source, name in ((release.boot.kernel, "vmlinuz"), (release.boot.initrd, "initrd.img")):
        _place_once(_in(context.target, source), folder / name)
    root = context.layout.filesystem_at("/")
    assert root is not None
    plan = context.plan
    line = kernel_arguments(
        root_uuid=filesystem_uuid(root.path),
        layout=context.layout,
        array_uuids={array.path: array_uuid(array.path) for array in context.layout.arrays},
        base=release.kernel_arguments,
        append=plan.bootloader.append,
        live=context.kernel_command_line,
        selinux=plan.selinux.mode if plan.selinux else None,
        iscsi=_on_iscsi(context),
    )
    write_atomically(folder / "arguments.cfg", arguments_text(line))


def _in(target: Path, absolute: str) -> Path:
    return target / absolute.lstrip("/")


def _place_once(source: Path, place: Path) -> None:
    """Have the file at ``place``; on one filesystem a hard link costs no space."""
    place.unlink(missing_ok=True)
    try:
        place.hardlink_to(source)
    except OSError:  # another filesystem, or FAT
        shutil.copyfile(source, place)


def _on_iscsi(context: InstallContext) -> bool:
    used = {disk.name for disk in context.layout.disks}
    return any(d.transport == "iscsi" for d in context.machine.disks if d.name in used)


def write_menu(context: InstallContext, release: ImageRelease, place: BootPlace) -> None:
    """Write the menu and its environment; a password makes the menu readable by root only."""
    folder = context.target / "boot" / release.boot.grub_directory
    folder.mkdir(mode=0o755, exist_ok=True)
    password = context.plan.bootloader.password_hash
    menu = menu_text(
        place=place,
        product=f"{release.product} {release.version}",
        timeout=context.plan.bootloader.timeout,
        password_hash=password,
        live=context.kernel_command_line,
    )
    write_atomically(folder / "grub.cfg", menu, 0o600 if password else 0o644)
    write_atomically(folder / "grubenv", environment_block(slot=FIRST_SLOT))


def _bios_folder(release: ImageRelease) -> str:
    return f"/boot/{release.boot.grub_directory}/i386-pc"


def _make_bios_core(context: InstallContext, release: ImageRelease, place: BootPlace) -> None:
    """GRUB's core for BIOS, which finds ``/boot`` by UUID, beside its menu."""
    folder = _bios_folder(release)
    inside = _in(context.target, folder)
    inside.mkdir(mode=0o755, parents=True, exist_ok=True)
    write_atomically(inside / "core.cfg", core_text(place, release.boot.grub_directory))
    shutil.copyfile(
        _in(context.target, f"{release.boot.grub_bios_modules}/boot.img"), inside / "boot.img"
    )
    run_inside(
        context.target,
        [
            release.boot.grub_mkimage,
            "--format=i386-pc",
            f"--directory={release.boot.grub_bios_modules}",
            f"--prefix=/{release.boot.grub_directory}",
            f"--config={folder}/core.cfg",
            f"--output={folder}/core.img",
            *_GRUB_MODULES,
        ],
    )


def _install_for_bios(context: InstallContext, release: ImageRelease, disk: DiskLayout) -> None:
    """Write the core to the disk's BIOS boot area and its first sector."""
    run_inside(
        context.target,
        [
            release.boot.grub_bios_setup,
            f"--directory={_bios_folder(release)}",
            "--skip-fs-probe",
            disk.path,
        ],
        timeout=600,
    )


def _install_for_uefi(
    context: InstallContext, release: ImageRelease, place: BootPlace, disk: DiskLayout
) -> None:
    with mounted_esp(context, disk) as esp:
        vendor = f"EFI/{release.boot.efi_vendor}"
        files = (
            (release.boot.shim, "shimx64.efi", f"{vendor}/shimx64.efi"),
            (release.boot.shim, "the fallback", f"{_FALLBACK}/BOOTX64.EFI"),
            (release.boot.grub_efi, "grubx64.efi", f"{vendor}/grubx64.efi"),
            (release.boot.grub_efi, "grubx64.efi", f"{_FALLBACK}/grubx64.efi"),
            (release.boot.mok_manager, "mmx64.efi", f"{vendor}/mmx64.efi"),
            (release.boot.mok_manager, "mmx64.efi", f"{_FALLBACK}/mmx64.efi"),
        )
        for source, what, name in files:
            origin = _in(context.target, source)
            if not origin.is_file():
                raise Failure(
                    f"The image lacks {source} ({what}), which starts it on UEFI.",
                    "Build the image again with the packages of its base.",
                )
            (esp / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(origin, esp / name)
        stub = stub_text(place, release.boot.grub_directory)
        for folder in dict.fromkeys((vendor, _FALLBACK)):
            write_atomically(esp / folder / "grub.cfg", stub)
        run(["sync", "--file-system", str(esp)], timeout=300)


@contextmanager
def mounted_esp(context: InstallContext, disk: DiskLayout) -> Iterator[Path]:
    """The disk's ESP: where it is mounted in the target, else mounted for the moment."""
    path = esp_of(disk)
    main = context.layout.filesystem_at("/boot/efi")
    if main is not None and main.path == path:
        yield context.target / "boot/efi"
        return
    unmount_tree(_ESP_MOUNT)
    _ESP_MOUNT.mkdir(parents=True, exist_ok=True)
    run(["mount", "--types", "vfat", path, str(_ESP_MOUNT)])
    try:
        yield _ESP_MOUNT
    finally:
        unmount_tree(_ESP_MOUNT)


def esp_of(disk: DiskLayout) -> str:
    """The path of the disk's EFI System Partition."""
    return next(partition.path for partition in disk.partitions if partition.role == "efi")


def register_with_firmware(context: InstallContext, release: ImageRelease) -> None:
    """One entry per boot disk in the firmware's list, the first disk first.

    A failure here is told, not raised: the list may be full or read-only, and the fallback path
    on each disk starts the host without it.
    """
    label = release.product
    loader = f"\\EFI\\{release.boot.efi_vendor}\\shimx64.efi"
    create = "--create-only" if context.plan.bootloader.leave_boot_order else "--create"
    try:
        if "/sys/firmware/efi/efivars" not in mounts_under(Path("/sys/firmware/efi/efivars")):
            run(["mount", "-t", "efivarfs", "efivarfs", "/sys/firmware/efi/efivars"])
        for number in entries_labelled(run(["efibootmgr"]).stdout, label):
            run(["efibootmgr", "--quiet", "--bootnum", number, "--delete-bootnum"])
        # Each new entry goes to the front of the order: the first disk comes last.
        for disk in reversed(context.layout.boot_disks):
            partition = next(p.number for p in disk.partitions if p.role == "efi")
            name = label if len(context.layout.boot_disks) == 1 else f"{label} ({disk.name})"
            run(
                [
                    *("efibootmgr", "--quiet", create, "--disk", disk.path),
                    *("--part", str(partition), "--label", name, "--loader", loader),
                ]
            )
    except ProcessFailed as failure:
        context.say(
            f"Warning: the firmware's boot list was not changed ({failure.cause}) "
            "The host starts by the fallback path of its disks."
        )


def entries_labelled(listing: str, label: str) -> list[str]:
    """The numbers of the entries in efibootmgr's listing that an installation of ours made."""
    pattern = rf"^Boot([0-9A-Fa-f]{{4}})\*? {re.escape(label)}(?: \([^)]*\))?(?:\t|$)"
    return re.findall(pattern, listing, re.MULTILINE)
