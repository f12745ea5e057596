"""A distribution of the tests' own, small but whole: RPM packages laid out and named as on EL.

Its programs are the building machine's (a shell and the labelling tool), so that its scriptlets
and labels are real. A second distribution has QEMU with SPICE, and more that nobody must take.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from foundation.process import run
from iso import bases
from iso.bases.model import Base
from tests.lab.rpm_repository import Package, SigningKey, make_key, make_package, publish

_CONTEXTS = """\
/.*\tsystem_u:object_r:default_t:s0
/etc(/.*)?\tsystem_u:object_r:etc_t:s0
/etc/shadow\t--\tsystem_u:object_r:shadow_t:s0
/usr(/.*)?\tsystem_u:object_r:usr_t:s0
/usr/bin(/.*)?\tsystem_u:object_r:bin_t:s0
/dev\t-d\tsystem_u:object_r:device_t:s0
/proc\t-d\tsystem_u:object_r:proc_t:s0
"""
_PATHS = {
    "baseos": "BaseOS/x86_64/os",
    "appstream": "AppStream/x86_64/os",
    "highavailability": "HighAvailability/x86_64/os",
}


@dataclass(frozen=True)
class Distribution:
    """Mirrors of both distributions, and the keys that sign their packages."""

    mirror: Path
    other_mirror: Path
    key: SigningKey
    other_key: SigningKey

    def repository(self, name: str) -> Path:
        return self.mirror / _PATHS[name]

    @property
    def other_repository(self) -> Path:
        return self.other_mirror / _PATHS["appstream"]

    def base(self, **changes: object) -> Base:
        """CentOS Stream 10's own data, with the keys and packages of this distribution."""
        centos = bases.load("centos-stream-10")
        settings = dict(centos.adapter_settings)
        settings["keys"] = {
            "centos": {
                "fingerprints": [self.key.fingerprint],
                "places": [self.key.public.name],
            },
            "almalinux": {
                "fingerprints": [self.other_key.fingerprint],
                "places": [self.other_key.public.name],
            },
        }
        return centos.model_copy(
            update={
                "cpu": "",
                "adapter_settings": settings,
                "packages": {
                    "release": ("centos-stream-release",),
                    "system": ("bash", "policycoreutils", "selinux-policy-targeted"),
                    "virtualization": ("qemu-kvm-core",),
                    "python": ("application",),
                    "cluster": ("pacemaker",),
                },
                **changes,
            }
        )


def make_distribution(folder: Path) -> Distribution:
    """Make both distributions below ``folder``."""
    mirror, other = folder / "mirror", folder / "other-mirror"
    mirror.mkdir()
    other.mkdir()
    made = Distribution(mirror, other, make_key(mirror, "own"), make_key(other, "other"))
    work = folder / "work"
    work.mkdir()
    for name, packages in {
        "baseos": _baseos(work),
        "appstream": [
            Package("application", requires=("library >= 2", "config(application)"),
                    files={"/usr/bin/application": "#!/bin/sh\necho application\n"}),
            Package("application-settings", provides=("config(application)",),
                    files={"/etc/application.conf": "answer=42\n"}),
            Package("qemu-kvm-core", "10.0.0", epoch=18, files={"/usr/libexec/qemu-kvm": "own\n"}),
        ],
        "highavailability": [
            Package("pacemaker", files={"/usr/lib/systemd/system/pacemaker.service": "[Unit]\n"}),
        ],
    }.items():  # fmt: skip
        for package in packages:
            make_package(package, made.repository(name), made.key)
        publish(made.repository(name))
    for package in (
        Package("qemu-kvm-core", "9.1.0", epoch=18, files={"/usr/libexec/qemu-kvm": "other\n"}),
        Package("qemu-kvm-ui-spice", "9.1.0", epoch=18,
                requires=("spice-server", "qemu-kvm-core = 18:9.1.0"),
                files={"/usr/lib64/qemu-kvm/ui-spice-core.so": "spice\n"}),
        Package("spice-server", "0.15.1", files={"/usr/lib64/libspice-server.so.1": "spice\n"}),
        # Newer than the distribution's own, and not on the list of what may be taken.
        Package("library", "9.0", files={"/usr/lib64/liblibrary.so": "of the other one\n"}),
    ):  # fmt: skip
        make_package(package, made.other_repository, made.other_key)
    publish(made.other_repository)
    return made


def _baseos(work: Path) -> list[Package]:
    return [
        Package("filesystem", tree=_filesystem(work / "filesystem")),
        Package("bash", tree=_programs(work / "bash", "dash"), requires=("filesystem",),
                provides=("/bin/sh",)),
        Package("policycoreutils", tree=_programs(work / "policycoreutils", "setfiles"),
                requires=("bash",)),
        Package(
            "selinux-policy-targeted",
            requires=("filesystem",),
            files={
                "/etc/selinux/config": "SELINUX=enforcing\nSELINUXTYPE=targeted\n",
                "/etc/selinux/targeted/contexts/files/file_contexts": _CONTEXTS,
            },
        ),
        Package("centos-stream-release", "10.0", requires=("filesystem",),
                files={"/usr/lib/os-release": 'ID="centos"\nVERSION_ID="10"\n'}),
        Package("library", "2.1", requires=("bash",), post='echo "configured" > /etc/library.state',
                files={"/usr/lib64/liblibrary.so": "2.1\n"}),
        Package("library", "2.0", requires=("bash",),
                files={"/usr/lib64/liblibrary.so": "2.0\n"}),
    ]  # fmt: skip


def _filesystem(tree: Path) -> Path:
    for folder in ("etc", "usr/bin", "usr/lib", "usr/lib64", "usr/libexec", "var/lib", "root",
                   "boot/efi", "home"):  # fmt: skip
        (tree / folder).mkdir(parents=True)
    for name, target in (("bin", "usr/bin"), ("sbin", "usr/bin"), ("lib", "usr/lib"),
                         ("lib64", "usr/lib64"), ("usr/sbin", "bin")):  # fmt: skip
        (tree / name).symlink_to(target)
    (tree / "etc/shadow").write_text("root:!locked::0:99999:7:::\n")
    (tree / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (tree / "etc/group").write_text("root:x:0:\n")
    return tree


def _programs(tree: Path, name: str) -> Path:
    """A program of this machine with the libraries that it needs, in the places it wants them."""
    program = Path(shutil.which(name, path="/usr/sbin:/usr/bin") or f"/{name} is missing")
    needed = re.findall(r"(/\S+\.so\S*) \(0x", run(["ldd", str(program)]).stdout)
    (tree / "usr/bin").mkdir(parents=True)
    shutil.copy(program, tree / "usr/bin" / name)
    if name == "dash":
        (tree / "usr/bin/sh").symlink_to("dash")
    for library in needed:
        place = tree / "usr" / library.removeprefix("/usr/").lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(library).resolve(), place)
    return tree
