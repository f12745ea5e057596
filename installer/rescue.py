"""``flexvdi-install rescue``: find the hosts that are installed here, mount one, open a shell.

Disks are started (mirrors assembled, volume groups activated) only after this is asked for. The
host is mounted at ``/mnt/sysroot`` as its own fstab says, with the kernel's filesystems inside, so
that ``chroot /mnt/sysroot`` works at once.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from foundation.command_line import EXIT_OK
from foundation.failure import Failure
from foundation.image_release import RELEASE_PATH, ImageRelease, read_release
from foundation.interactive import run_interactively
from foundation.process import ProcessFailed, run
from installer.machine.probe import LVM_CONFIG
from installer.storage.mounting import bind_api_filesystems, unmount_tree

TARGET = Path("/mnt/sysroot")
_FILESYSTEMS = ("ext2", "ext3", "ext4", "xfs", "btrfs")
_ANY = tuple(range(256))


@dataclass(frozen=True)
class InstalledHost:
    """A root filesystem of ours: the device it is on, its release and its host name."""

    device: str
    release: ImageRelease
    hostname: str

    @property
    def described(self) -> str:
        """One line for a person."""
        release = self.release
        name = self.hostname or "(no name)"
        return f"{name}: {release.product} {release.version}, {release.base}, on {self.device}"


def rescue(*, list_only: bool) -> int:
    """Find, ask if there are several, mount, and open a shell; raises Failure."""
    start_disks()
    hosts = tuple(find_hosts())
    for number, host in enumerate(hosts, 1):
        print(f"{number}) {host.described}")
    if list_only:
        return EXIT_OK
    if not hosts:
        print("No installed host was found on the disks (lsblk -f shows what is there).")
    else:
        mount_host(_chosen(hosts), TARGET)
        print(f"It is mounted at {TARGET}. To work in it: chroot {TARGET}")
    print("To leave: exit", flush=True)
    run_interactively(("/bin/bash", "--login"))
    unmount_tree(TARGET)
    return EXIT_OK


def start_disks() -> None:
    """Assemble mirrors, degraded ones too, and activate volume groups."""
    run(["mdadm", "--assemble", "--scan", "--run"], accept=_ANY)
    run(["vgchange", "--activate", "y", "--config", LVM_CONFIG], accept=_ANY)
    run(["udevadm", "settle", "--timeout=30"], accept=(0, 1), timeout=60)


def find_hosts() -> Iterator[InstalledHost]:
    """Look into every filesystem that could be a root; nothing is changed on it."""
    for device, kind in _filesystems():
        # A journal is not replayed: that would be writing.
        options = {"xfs": "ro,norecovery"}.get(kind, "ro,noload" if kind != "btrfs" else "ro")
        with tempfile.TemporaryDirectory(prefix="flexvdi-rescue-") as folder:
            try:
                run(["mount", "-t", kind, "-o", options, device, folder])
            except ProcessFailed:
                continue
            try:
                root = Path(folder)
                if (root / RELEASE_PATH).is_file():
                    yield InstalledHost(device, read_release(root), _hostname(root))
            finally:
                run(["umount", folder])


def mount_host(host: InstalledHost, target: Path) -> None:
    """Mount ``host`` and what its fstab names at ``target``; what fails is told and left out."""
    target.mkdir(parents=True, exist_ok=True)
    unmount_tree(target)
    run(["mount", host.device, str(target)])
    for source, at in fstab_entries((target / "etc/fstab").read_text()):
        try:
            run(["mount", source, str(target / at.lstrip("/"))])
        except ProcessFailed as failure:
            print(f"! {at} was not mounted: {failure.cause}")
    bind_api_filesystems(target)


def fstab_entries(text: str) -> tuple[tuple[str, str], ...]:
    """Source and mount point of each disk filesystem but the root, the shallow ones first."""
    found = []
    for line in text.splitlines():
        words = line.split()
        if len(words) < 3 or words[0].startswith("#"):
            continue
        source, at, kind = words[:3]
        if at.startswith("/") and at != "/" and kind in (*_FILESYSTEMS, "vfat"):
            found.append((source, at.replace("\\040", " ")))
    return tuple(sorted(found, key=lambda entry: entry[1].count("/")))


def _filesystems() -> list[tuple[str, str]]:
    said = run(["lsblk", "--json", "--list", "--output", "PATH,FSTYPE"]).stdout
    devices = {d["path"]: d["fstype"] for d in json.loads(said)["blockdevices"]}
    return [(path, kind) for path, kind in devices.items() if kind in _FILESYSTEMS]


def _hostname(root: Path) -> str:
    try:
        return (root / "etc/hostname").read_text().strip()
    except OSError:
        return ""


def _chosen(hosts: tuple[InstalledHost, ...]) -> InstalledHost:
    if len(hosts) == 1:
        return hosts[0]
    if not sys.stdin.isatty():
        raise Failure("There are several installed hosts.", "Run it on a terminal to choose one.")
    while True:
        print("Type the number of the host to mount: ", end="", flush=True)
        typed = sys.stdin.readline()
        if not typed:
            raise Failure("Nothing was chosen.", "Start again.")
        if typed.strip().isdecimal() and 1 <= int(typed) <= len(hosts):
            return hosts[int(typed) - 1]
