"""A bootable distribution of the tests' own, laid out and named as on EL and packed as RPMs.

It is the lab base's tree under other names. What is built of it takes exactly the path that CentOS
takes: dnf, labels, image, media, installer. ``python -m tests.lab.el_proof`` makes its repository
and data file and prints how to build the medium.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

from foundation.process import run
from iso import bases
from iso.bases.sources import Sources
from iso.cache import Cache, default_cache, key_of, key_of_files
from iso.initrd import kernel_version
from iso.root_tree import root_tree
from iso.software import PROJECT, project_packages
from tests.lab.places import LAB, own_command
from tests.lab.rpm_repository import Package, forget_key, make_key, make_package, publish

NAME = "el-proof"
_REPOSITORIES = ("BaseOS", "AppStream")
# Old names and new ones, of files that only move.
_RENAMED = {
    "usr/bin/grub-mkimage": "usr/bin/grub2-mkimage",
    "usr/lib/grub/i386-pc/grub-bios-setup": "usr/sbin/grub2-bios-setup",
    "usr/lib/shim/shimx64.efi.signed": "boot/efi/EFI/debian/shimx64.efi",
    "usr/lib/shim/mmx64.efi.signed": "boot/efi/EFI/debian/mmx64.efi",
    "usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed": "boot/efi/EFI/debian/grubx64.efi",
    "usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed": "boot/efi/EFI/debian/gcdx64.efi",
    "usr/lib/udev/rules.d/60-multipath.rules": "usr/lib/udev/rules.d/62-multipath.rules",
    "usr/lib/udev/rules.d/69-lvm.rules": "usr/lib/udev/rules.d/69-dm-lvm.rules",
    "usr/bin/qemu-system-x86_64": "usr/libexec/qemu-kvm",
    "etc/chrony/chrony.conf": "etc/chrony.conf",
}
_UNITS = {
    "ssh.service": "sshd.service",
    "chrony.service": "chronyd.service",
    "libvirtd.service": "virtqemud.service",
    "libvirtd.socket": "virtqemud.socket",
    "libvirtd-ro.socket": "virtqemud-ro.socket",
    "libvirtd-admin.socket": "virtqemud-admin.socket",
    "open-iscsi.service": "iscsi.service",
    "smartmontools.service": "smartd.service",
}
_GONE = ("dev/*", "var/lib/dpkg", "var/lib/apt", "var/cache/*", "etc/apt", "usr/share/doc/*",
         "boot/*", "etc/systemd/system/*.wants", "etc/systemd/system/*.service",
         "etc/init.d", "etc/rc?.d")  # fmt: skip
_CONTEXTS = """\
/.*\tsystem_u:object_r:default_t:s0
/\tsystem_u:object_r:root_t:s0
/boot(/.*)?\tsystem_u:object_r:boot_t:s0
/etc(/.*)?\tsystem_u:object_r:etc_t:s0
/etc/(g?shadow)-?\t--\tsystem_u:object_r:shadow_t:s0
/etc/ssh/ssh_host_.*_key\t--\tsystem_u:object_r:sshd_key_t:s0
/root(/.*)?\tsystem_u:object_r:admin_home_t:s0
/usr(/.*)?\tsystem_u:object_r:usr_t:s0
/usr/(.*/)?s?bin(/.*)?\tsystem_u:object_r:bin_t:s0
/var(/.*)?\tsystem_u:object_r:var_t:s0
/var/log(/.*)?\tsystem_u:object_r:var_log_t:s0
"""
_DATA = """\
like = "centos-stream-10"
without = [{without}]
name = "{name}"
title = "EL proof"
purpose = "the tests' own distribution, laid out as EL"
python_version = "{python}"
python_platforms = {platforms}
kernel_arguments = ["rd.retry=20", "loglevel=4", "vconsole.font=eurlatgr", "selinux=0"]

[display_files]
spice = ["usr/lib/x86_64-linux-gnu/qemu/ui-spice-core.so"]

[adapter_settings.keys.centos]
fingerprints = ["{fingerprint}"]
places = ["{key}"]

[packages]
release = ["centos-stream-release"]
kernel = ["kernel-core"]
bootloader = ["shim-x64"]
system = ["el-proof-system", "selinux-policy-targeted"]

[boot]
shim = "/usr/lib/flexvdi/efi/debian/shimx64.efi"
mok_manager = "/usr/lib/flexvdi/efi/debian/mmx64.efi"
grub_efi = "/usr/lib/flexvdi/efi/debian/grubx64.efi"
efi_vendor = "debian"

[media]
grub_directory = "boot/grub"
grub_efi_cd = "/usr/lib/flexvdi/efi/debian/gcdx64.efi"

[units]
enabled = {enabled}
"""


@dataclass(frozen=True)
class Proof:
    """The data file of the base, and the mirror that it is built from."""

    data: Path
    mirror: Path


def make_proof(say: Callable[[str], None] = print) -> Proof:
    """The repository and the data file, made anew when the lab base's tree or this file changed."""
    lab = bases.load("debian-12")
    root = root_tree(lab, Cache(default_cache()), Sources(), lambda line: None)
    key = key_of(root.key, root.epoch, key_of_files(Path(__file__).parent, "el_proof.py"))
    folder = LAB / NAME / key
    proof = Proof(folder / f"{NAME}.toml", folder / "mirror")
    if proof.data.exists():
        return proof
    shutil.rmtree(LAB / NAME, ignore_errors=True)
    folder.mkdir(parents=True)
    say("laying the lab base out as EL ...")
    _pack(_as_el(root.tree, folder / "work"), proof, folder, say)
    return proof


def _as_el(debian: Path, work: Path) -> Path:
    """A copy of the lab base's tree under EL's names."""
    work.mkdir()
    tree = work / "tree"
    run(["cp", "-a", str(debian), str(tree)], timeout=1200)
    kernel = kernel_version(tree)
    (tree / f"boot/vmlinuz-{kernel}").rename(tree / f"usr/lib/modules/{kernel}/vmlinuz")
    for pattern in _GONE:
        for path in tree.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    for old, new in _RENAMED.items():
        (tree / new).parent.mkdir(parents=True, exist_ok=True)
        (tree / old).rename(tree / new)
    (tree / "etc/chrony/chrony.conf").symlink_to("../chrony.conf")
    (tree / "usr/bin/qemu-system-x86_64").symlink_to("../libexec/qemu-kvm")
    _rename_units(tree / "usr/lib/systemd/system")
    _add_unit(tree / "usr/lib/systemd/system", "kdump.service")
    _add_labelling(tree)
    return tree


def _rename_units(folder: Path) -> None:
    for old, new in _UNITS.items():
        (folder / old).rename(folder / new)
    for path in folder.iterdir():
        if path.is_symlink() or not path.is_file():
            continue
        text = path.read_text(errors="surrogateescape")
        changed = text
        for old, new in _UNITS.items():
            changed = changed.replace(f"Alias={new}\n", "").replace(old, new)
        if changed != text:
            path.write_text(changed, errors="surrogateescape")
    # Behind these is still libvirtd, which knows what it is handed by the names of its units.
    for old, new in _UNITS.items():
        if new.endswith(".socket"):
            with (folder / new).open("a") as unit:
                unit.write(f"\n[Socket]\nFileDescriptorName={old}\n")


def _add_unit(folder: Path, name: str) -> None:
    """A unit that EL has and the lab base does not."""
    (folder / name).write_text(
        "[Unit]\nDescription=Made by a test\n[Service]\nExecStart=/bin/true\n"
    )


def _add_labelling(tree: Path) -> None:
    """The labelling tool of the building machine, whose libraries the tree has, too."""
    shutil.copy("/usr/sbin/setfiles", tree / "usr/sbin/setfiles")
    for library in ("libsepol.so.2", "libaudit.so.1", "libcap-ng.so.0", "libpcre2-8.so.0"):
        place = tree / "usr/lib/x86_64-linux-gnu" / library
        if not place.exists():
            shutil.copy(Path("/usr/lib/x86_64-linux-gnu", library).resolve(), place)


def _take(tree: Path, place: Path, *names: str) -> Path:
    """Move ``names`` out of ``tree`` into a tree of their own."""
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).rename(place / name)
    return place


def _pack(tree: Path, proof: Proof, folder: Path, say: Callable[[str], None]) -> None:
    work = tree.parent
    baseos, appstream = (proof.mirror / name / "x86_64/os" for name in _REPOSITORIES)
    users = {
        f"/etc/{name}": (tree / "etc" / name).read_text()
        for name in ("passwd", "group", "shadow", "gshadow")
    }
    owners = {name: tree / f"etc/{name}" for name in ("passwd", "group")}
    key = make_key(folder, NAME)
    try:
        kernel = _take(tree, work / "kernel", "usr/lib/modules")
        shim = _take(tree, work / "shim", "boot/efi")
        layout = work / "layout"
        for name in sorted(path.name for path in tree.iterdir()):
            path, copy = tree / name, layout / name
            copy.parent.mkdir(exist_ok=True)
            if path.is_symlink():
                copy.symlink_to(path.readlink())
                path.unlink()
            elif path.is_dir():
                copy.mkdir()
                copy.chmod(path.stat().st_mode & 0o7777)
        packages = [
            Package("filesystem", "3.18", tree=layout),
            Package("setup", "2.14", requires=("filesystem",), files=users),
            Package("centos-stream-release", "10.0", requires=("setup",),
                    files={"/usr/share/el-proof/release": "10\n"}),
            Package("selinux-policy-targeted", "40.1", requires=("setup",), files={
                "/etc/selinux/config": "SELINUX=enforcing\nSELINUXTYPE=targeted\n",
                "/etc/selinux/targeted/contexts/files/file_contexts": _CONTEXTS,
            }),
            Package("kernel-core", "6.12.0", tree=kernel, requires=("el-proof-system",)),
            Package("shim-x64", "15.8", tree=shim, requires=("el-proof-system",)),
        ]  # fmt: skip
        for package in packages:
            say(f"packing {package.name} ...")
            make_package(package, baseos, key, owners)
        for name in users:
            (tree / name.lstrip("/")).rename(work / Path(name).name)
        owners = {name: work / name for name in owners}
        say("packing el-proof-system ...")
        system = Package("el-proof-system", tree=tree, requires=("setup",), provides=("/bin/sh",),
                         post="ldconfig")  # fmt: skip
        make_package(system, appstream, key, owners)
    finally:
        forget_key(key)
    for repository in (baseos, appstream):
        publish(repository)
    shutil.move(key.public, proof.mirror / key.public.name)
    proof.data.write_text(_data(key.fingerprint, key.public.name))
    shutil.rmtree(work)


def _data(fingerprint: str, key: str) -> str:
    centos, lab = bases.load("centos-stream-10"), bases.load("debian-12")
    without = [f"packages.{group}" for group in centos.packages]
    without += [
        "adapter_settings.keys.almalinux",
        "adapter_settings.keys.centos",
        "adapter_settings.repositories.almalinux-spice",
        "adapter_settings.repositories.highavailability",
        "adapter_settings.variables",
        "adapter_settings.version_checks",
        "display_packages.spice",
    ]
    return _DATA.format(
        name=NAME,
        without=", ".join(f'"{entry}"' for entry in without),
        python=lab.python_version,
        platforms=json.dumps(lab.python_platforms),
        fingerprint=fingerprint,
        key=key,
        enabled=json.dumps([_UNITS.get(unit, unit) for unit in lab.units.enabled]),
    )


def build_medium() -> Path:
    """The install medium of the distribution; built unless there is one of the same inputs.

    Safe to call from several test processes at once.
    """
    LAB.mkdir(parents=True, exist_ok=True)
    iso = LAB / f"flexvdi-{NAME}.iso"
    sources = [key_of_files(PROJECT / name) for name in (*project_packages(), "iso")]
    with (LAB / f"{NAME}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        proof = make_proof()
        inputs = iso.with_suffix(".inputs")
        key = key_of(proof.data.parent.name, sources)
        if not (iso.exists() and inputs.exists() and inputs.read_text() == key):
            inputs.unlink(missing_ok=True)
            command = [own_command("flexvdi-iso"), "build", "--base", str(proof.data)]
            command += ["--mirror", str(proof.mirror), "--output", str(iso)]
            run(command, timeout=3600, environment=_cache_of_the_caller())
            inputs.write_text(key)
    return iso


def _cache_of_the_caller() -> dict[str, str]:
    return {"FLEXVDI_CACHE": str(default_cache())}


def main() -> int:
    """Make the repository and tell what to do with it."""
    proof = make_proof()
    print(f"flexvdi-iso build --base {proof.data} --mirror {proof.mirror}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
