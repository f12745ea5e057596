"""What the rest of the code expects of a root tree, checked on the tree.

The build holds every base to it before anything is made of the tree, and the tests hold every
cached tree to it. A check is a function that yields what is missing, in words for whoever keeps
the base's data file.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path

from foundation.failure import Failure
from iso.bases.model import Base
from iso.image_kind import Check, ImageKind

_UNIT_FOLDERS = ("usr/lib/systemd/system", "lib/systemd/system", "etc/systemd/system")
_RULE_FOLDERS = ("usr/lib/udev/rules.d", "lib/udev/rules.d", "etc/udev/rules.d")
# Programs that the installer, the first boot and flexVDI Config run on every host.
HOST_PROGRAMS = (
    "bash", "blkid", "chpasswd", "chroot", "curl", "efibootmgr", "findmnt", "groupadd",
    "hostnamectl",
    "ip", "journalctl", "kmod", "localectl", "lsblk", "lvm", "mdadm", "mkfs.ext4", "mkfs.vfat",
    "mkfs.xfs", "mkswap", "mount", "multipath", "nmcli", "python3", "ssh-keygen", "swapon",
    "systemctl", "tar", "timedatectl", "udevadm", "unsquashfs", "useradd", "usermod", "virsh",
    "wipefs",
)  # fmt: skip
_LIVE_FOLDERS = ("proc", "sys", "dev", "run", "tmp", "var", "etc", "root", "boot")
_STARTS_STORAGE = re.compile(
    r"^[^#\n]*(mdadm\S* (-I|--incremental)|pvscan --cache.*(-aay|--activate|--autoactivation)|"
    r"lvm2-activation|vgchange -a|\bmultipath -u)",
    re.MULTILINE,
)
# The PE/COFF header: where the certificate table's entry lies in the optional header of PE32+.
_PE_SIGNATURE_OFFSET = 0x3C
_CERTIFICATE_ENTRY = 24 + 112 + 4 * 8


def require(kind: ImageKind, base: Base, tree: Path) -> None:
    """Raise Failure that lists everything the tree lacks for an image of ``kind``."""
    problems = [problem for check in kind.checks for problem in check(base, tree)]
    if problems:
        raise Failure(
            f"The root tree of {base.name} is not fit for a {kind.name}: {problems[0]}"
            + (f" (and {len(problems) - 1} more)." if problems[1:] else "."),
            "Correct the base's data file, or fetch its packages anew with --refresh.",
            details="\n".join(problems),
        )


def _at(tree: Path, absolute: str) -> Path:
    """The path inside the tree, absolute links followed inside it too."""
    place = tree
    for part in Path(absolute).parts[1:] if absolute.startswith("/") else Path(absolute).parts:
        place = place / part
        for _ in range(8):
            if not place.is_symlink():
                break
            target = place.readlink()
            place = _at(tree, str(target)) if target.is_absolute() else Path(place.parent, target)
    return place


def kernel_with(*needed: str) -> Check:
    """A check for exactly one kernel, with its file where the base says and ``needed`` modules."""

    def one_kernel(base: Base, tree: Path) -> Iterator[str]:
        yield from _one_kernel(base, tree, needed)

    return one_kernel


def _one_kernel(base: Base, tree: Path, needed: tuple[str, ...]) -> Iterator[str]:
    modules = _at(tree, "usr/lib/modules")
    kernels = [path.name for path in modules.iterdir()] if modules.is_dir() else []
    if len(kernels) != 1:
        yield f"it has {len(kernels)} kernels instead of one"
        return
    kernel = base.boot_files(kernels[0]).kernel
    if not _at(tree, kernel).is_file():
        yield f"its kernel is not at {kernel}"
    for name in needed:
        built_in = (modules / kernels[0] / "modules.builtin").read_text()
        found = any((modules / kernels[0]).rglob(f"{name}.ko*"))
        if not found and f"/{name}.ko" not in built_in:
            yield f"its kernel has no module {name}"


def boot_files(base: Base, tree: Path) -> Iterator[str]:
    """GRUB and shim, and the programs that make GRUB's core."""
    boot, media = base.boot, base.media
    for path in (boot.shim, boot.mok_manager, boot.grub_efi, media.grub_efi_cd,
                 media.grub_hybrid_mbr, f"{boot.grub_bios_modules}/boot.img"):  # fmt: skip
        if not _at(tree, path).is_file():
            yield f"{path} is missing"
    for program in (boot.grub_mkimage, boot.grub_bios_setup, media.grub_mkimage,
                    base.initrd.command):  # fmt: skip
        if not _has_program(tree, program):
            yield f"the program {program} is missing"


def secure_boot(base: Base, tree: Path) -> Iterator[str]:
    """Shim, GRUB and kernel carry signatures; firmware and shim decide about whose."""
    modules = _at(tree, "usr/lib/modules")
    kernels = [path.name for path in modules.iterdir()] if modules.is_dir() else []
    files = [base.boot.shim, base.boot.mok_manager, base.boot.grub_efi, base.media.grub_efi_cd]
    for path in (*files, *(base.boot_files(kernel).kernel for kernel in kernels)):
        place = _at(tree, path)
        if place.is_file() and not signed(place):
            yield f"{path} is not signed, so that Secure Boot would refuse it"


def signed(path: Path) -> bool:
    """Whether an EFI program has a certificate table (Microsoft's PE format, Attribute
    Certificate Table).
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    try:
        (header,) = struct.unpack_from("<I", head, _PE_SIGNATURE_OFFSET)
        if head[:2] != b"MZ" or head[header : header + 4] != b"PE\0\0":
            return False
        _offset, size = struct.unpack_from("<II", head, header + _CERTIFICATE_ENTRY)
    except struct.error:
        return False
    return bool(size)


def programs(*names: str) -> Check:
    """A check for what our own code runs."""

    def have_programs(base: Base, tree: Path) -> Iterator[str]:
        for name in (*names, *(("setfiles",) if base.selinux else ())):
            if not _has_program(tree, name):
                yield f"the program {name} is missing"

    return have_programs


def python(base: Base, tree: Path) -> Iterator[str]:
    """The Python that wheels are chosen for."""
    wanted = f"python{base.python_version}"
    if not _has_program(tree, wanted):
        yield f"{wanted} is missing"


def bindings(base: Base, tree: Path) -> Iterator[str]:
    """The Python bindings that are the distribution's own."""
    wanted = f"python{base.python_version}"
    for module in ("libvirt.py", "parted"):
        folders = ("usr/lib/python3/dist-packages", f"usr/lib/{wanted}/site-packages",
                   f"usr/lib64/{wanted}/site-packages")  # fmt: skip
        if not any((tree / folder / module).exists() for folder in folders):
            yield f"Python's {module.removesuffix('.py')} is missing"


def units(base: Base, tree: Path) -> Iterator[str]:
    """Every unit that the base names; those of a cluster may be absent with it."""
    have = _names_in(tree, _UNIT_FOLDERS)
    named = {*base.units.enabled, *base.units.live_with, *base.units.only_with_file}
    for unit in sorted(named - have):
        yield f"the unit {unit} is missing"
    cluster = {"cluster", "corosync", "pacemaker", "pcsd", "lvmlockd", "sanlock"}
    services = {unit for name, unit in base.services.items() if name not in cluster}
    for unit in sorted(services - have - named):
        yield f"the unit {unit} is missing"


def quiet_disks(base: Base, tree: Path) -> Iterator[str]:
    """No udev rule that assembles or activates storage goes unmasked in the live system."""
    for folder in _RULE_FOLDERS:
        for path in sorted((tree / folder).glob("*.rules")):
            if path.name not in base.units.live_masked_rules and _STARTS_STORAGE.search(
                path.read_text(errors="replace")
            ):
                yield f"the udev rule {path.name} starts storage and is not masked"


def displays(base: Base, tree: Path) -> Iterator[str]:
    """The display protocols that the manifest will claim are there."""
    for display in base.displays:
        for pattern in base.display_files.get(display, ()):
            if not any(tree.glob(pattern)):
                yield f"QEMU does not serve {display} (no {pattern})"


def places(base: Base, tree: Path) -> Iterator[str]:
    """The folders into which the host document's files are written."""
    known = {"chrony-sources": "etc/chrony/sources.d", "ssh-server": "etc/ssh/sshd_config.d"}
    for name, place in {**known, **base.places}.items():
        made = any(path.startswith(f"{place}/") for path in base.files)
        if not made and not (tree / place).is_dir():
            yield f"there is no /{place} ({name})"


def live_folders(base: Base, tree: Path) -> Iterator[str]:
    """What dracut's live root mounts over."""
    for name in _LIVE_FOLDERS:
        if not (tree / name).is_dir():
            yield f"there is no /{name}"


def security(base: Base, tree: Path) -> Iterator[str]:
    """With SELinux: a policy, enforcing, and labels that are there before the first boot."""
    if not base.selinux:
        return
    configuration = tree / "etc/selinux/config"
    if not configuration.is_file():
        yield "SELinux has no configuration"
        return
    if "\nSELINUX=enforcing" not in f"\n{configuration.read_text()}":
        yield "SELinux is not enforcing"
    unlabelled = [path for path in ("etc/passwd", "usr/bin/bash", "etc/shadow", "var", "boot")
                  if not _label(tree / path)]  # fmt: skip
    if unlabelled:
        yield f"/{unlabelled[0]} has no SELinux label"


def _label(path: Path) -> bytes:
    try:
        return os.getxattr(path, "security.selinux", follow_symlinks=False)
    except OSError:
        return b""


def _has_program(tree: Path, name: str) -> bool:
    if name.startswith("/"):
        return _at(tree, name).is_file()
    folders = ("usr/bin", "usr/sbin", "bin", "sbin")
    return any(_at(tree, f"{folder}/{name}").is_file() for folder in folders)


def _names_in(tree: Path, folders: tuple[str, ...]) -> set[str]:
    return {
        path.name
        for folder in folders
        if (tree / folder).is_dir()
        for path in (tree / folder).iterdir()
    }


HOST_CHECKS: tuple[Check, ...] = (
    kernel_with("dm-mod", "md-mod", "xfs", "squashfs", "overlay"),
    boot_files,
    secure_boot,
    programs(*HOST_PROGRAMS),
    python,
    bindings,
    units,
    quiet_disks,
    displays,
    places,
    live_folders,
    security,
)
