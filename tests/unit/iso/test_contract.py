"""The contract of a base, held against trees made of nothing but what each data file says."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from foundation.failure import Failure
from iso import bases, contract
from iso.bases.model import Base
from iso.host_image import HOST

KERNEL = "6.12.0-1"


@pytest.fixture(params=bases.names())
def base(request: pytest.FixtureRequest) -> Base:
    return bases.load(request.param)


@pytest.fixture
def tree(base: Base, tmp_path: Path) -> Path:
    """The least tree that keeps the contract."""
    for name in ("proc", "sys", "dev", "run", "tmp", "var", "etc", "root", "boot"):
        (tmp_path / name).mkdir()
    _kernel(tmp_path, base)
    _boot_loader(tmp_path, base)
    for name in (*contract.HOST_PROGRAMS, "setfiles", f"python{base.python_version}"):
        _file(tmp_path, f"usr/bin/{name}")
    for module in ("libvirt.py", "parted"):
        _file(tmp_path, f"usr/lib/python3/dist-packages/{module}")
    for unit in (*base.units.enabled, *base.units.live_with, *base.services.values()):
        _file(tmp_path, f"usr/lib/systemd/system/{unit}")
    for unit in base.units.only_with_file:
        _file(tmp_path, f"usr/lib/systemd/system/{unit}")
    for patterns in base.display_files.values():
        for pattern in patterns:
            _file(tmp_path, pattern)
    for place in ("etc/chrony/sources.d", "etc/ssh/sshd_config.d", *base.places.values()):
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
    _file(tmp_path, "etc/selinux/config", b"SELINUX=enforcing\nSELINUXTYPE=targeted\n")
    for name in ("etc/passwd", "etc/shadow"):
        _file(tmp_path, name)
    if base.selinux:
        _label(tmp_path)
    return tmp_path


def _file(tree: Path, name: str, content: bytes = b"") -> Path:
    path = tree / name.lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def efi_program(signature_size: int) -> bytes:
    """The head of a PE32+ file, with a certificate table of that size."""
    head = bytearray(1024)
    head[:2] = b"MZ"
    struct.pack_into("<I", head, 0x3C, 128)
    head[128:132] = b"PE\0\0"
    struct.pack_into("<II", head, 128 + 24 + 112 + 4 * 8, 4096, signature_size)
    return bytes(head)


def _kernel(tree: Path, base: Base) -> None:
    for name in ("dm-mod", "md-mod", "xfs", "squashfs", "overlay"):
        _file(tree, f"usr/lib/modules/{KERNEL}/kernel/{name}.ko.xz")
    _file(tree, f"usr/lib/modules/{KERNEL}/modules.builtin")
    _file(tree, base.boot_files(KERNEL).kernel, efi_program(1480))


def _boot_loader(tree: Path, base: Base) -> None:
    boot, media = base.boot, base.media
    for path in (boot.shim, boot.mok_manager, boot.grub_efi, media.grub_efi_cd):
        _file(tree, path, efi_program(1480))
    for path in (media.grub_hybrid_mbr, f"{boot.grub_bios_modules}/boot.img"):
        _file(tree, path)
    for program in (boot.grub_mkimage, boot.grub_bios_setup, media.grub_mkimage,
                    base.initrd.command):  # fmt: skip
        _file(tree, program if program.startswith("/") else f"usr/sbin/{program}")


def _label(tree: Path) -> None:
    try:
        for name in ("etc/passwd", "etc/shadow", "usr/bin/bash", "var", "boot"):
            os.setxattr(tree / name, "security.selinux", b"system_u:object_r:etc_t:s0\0")
    except OSError as error:
        pytest.skip(f"labels cannot be written here: {error.strerror}")


def problems(base: Base, tree: Path) -> str:
    with pytest.raises(Failure) as refused:
        contract.require(HOST, base, tree)
    return f"{refused.value.cause}\n{refused.value.details}"


def test_what_the_data_file_says_is_all_that_it_asks_for(base: Base, tree: Path) -> None:
    contract.require(HOST, base, tree)


def _without_shim(tree: Path, base: Base) -> str:
    (tree / base.boot.shim.lstrip("/")).unlink()
    return f"{base.boot.shim} is missing"


def _unsigned_kernel(tree: Path, base: Base) -> str:
    path = base.boot_files(KERNEL).kernel
    _file(tree, path, efi_program(0))
    return f"{path} is not signed"


def _two_kernels(tree: Path, base: Base) -> str:
    (tree / "usr/lib/modules/6.13.0-1").mkdir()
    return "2 kernels"


def _without_a_module(tree: Path, base: Base) -> str:
    (tree / f"usr/lib/modules/{KERNEL}/kernel/xfs.ko.xz").unlink()
    return "no module xfs"


def _without_a_program(tree: Path, base: Base) -> str:
    (tree / "usr/bin/unsquashfs").unlink()
    return "the program unsquashfs is missing"


def _without_its_python(tree: Path, base: Base) -> str:
    (tree / f"usr/bin/python{base.python_version}").unlink()
    return f"python{base.python_version} is missing"


def _without_bindings(tree: Path, base: Base) -> str:
    (tree / "usr/lib/python3/dist-packages/libvirt.py").unlink()
    return "libvirt is missing"


def _without_a_unit(tree: Path, base: Base) -> str:
    unit = base.services["ssh"]
    (tree / f"usr/lib/systemd/system/{unit}").unlink()
    return f"the unit {unit} is missing"


def _with_a_rule_that_starts_storage(tree: Path, base: Base) -> str:
    _file(tree, "usr/lib/udev/rules.d/99-eager.rules", b'RUN+="/usr/sbin/mdadm -I $devnode"\n')
    return "99-eager.rules starts storage"


def _without_a_display(tree: Path, base: Base) -> str:
    pattern = base.display_files["spice"][0]
    (tree / pattern).unlink()
    return "QEMU does not serve spice"


def _without_a_live_folder(tree: Path, base: Base) -> str:
    (tree / "proc").rmdir()
    return "there is no /proc"


def _without_a_place(tree: Path, base: Base) -> str:
    shutil.rmtree(tree / "etc/ssh/sshd_config.d")
    return "there is no /etc/ssh/sshd_config.d"


BREAKAGES = (
    _without_shim, _unsigned_kernel, _two_kernels, _without_a_module, _without_a_program,
    _without_its_python, _without_bindings, _without_a_unit, _with_a_rule_that_starts_storage,
    _without_a_display, _without_a_live_folder, _without_a_place,
)  # fmt: skip


@pytest.mark.parametrize("damage", BREAKAGES, ids=lambda damage: damage.__name__.strip("_"))
def test_what_is_missing_is_named(
    base: Base, tree: Path, damage: Callable[[Path, Base], str]
) -> None:
    expected = damage(tree, base)
    assert expected in problems(base, tree)


def test_selinux_enforces_and_labels_are_there(base: Base, tree: Path) -> None:
    if not base.selinux:
        pytest.skip(f"{base.name} has no SELinux")
    _file(tree, "etc/selinux/config", b"SELINUX=permissive\n")
    assert "SELinux is not enforcing" in problems(base, tree)
    _file(tree, "etc/selinux/config", b"SELINUX=enforcing\n")
    os.removexattr(tree / "etc/shadow", "security.selinux")
    assert "/etc/shadow has no SELinux label" in problems(base, tree)


@pytest.mark.parametrize("content", [b"", b"MZ", b"MZ" + bytes(2000), efi_program(0)])
def test_a_file_that_is_no_signed_efi_program(tmp_path: Path, content: bytes) -> None:
    assert not contract.signed(_file(tmp_path, "program.efi", content))
