"""Makes filesystems and swap areas, and reads back their UUIDs."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from foundation.failure import Failure
from foundation.process import run
from installer.storage.devices import settle, wait_for_device
from installer.storage.layout import FilesystemLayout

_MKFS_TIMEOUT = 1800.0

_COMMANDS: dict[str, tuple[str, ...]] = {
    "ext4": ("mkfs.ext4", "-F", "-q"),
    "ext3": ("mkfs.ext3", "-F", "-q"),
    "ext2": ("mkfs.ext2", "-F", "-q"),
    "xfs": ("mkfs.xfs", "-f", "-q"),
    # FAT32 whatever the size: firmware need not read FAT16 on a fixed disk.
    # -I: a multipath device counts as one with "virtual mappings" otherwise.
    "vfat": ("mkfs.vfat", "-I", "-F", "32"),
    "swap": ("mkswap", "--force"),
}
_LABEL_OPTIONS = {"vfat": "-n", "swap": "--label"}


def make_filesystem_command(filesystem: FilesystemLayout) -> list[str]:
    """The command that makes ``filesystem``."""
    command = [*_COMMANDS[filesystem.kind]]
    if filesystem.label:
        command += [_LABEL_OPTIONS.get(filesystem.kind, "-L"), filesystem.label]
    return [*command, *shlex.split(filesystem.mkfs_options), filesystem.path]


def make_filesystems(filesystems: tuple[FilesystemLayout, ...], say: Callable[[str], None]) -> None:
    """Make every filesystem that is to be formatted, anew; raises Failure as mkfs reports it."""
    for filesystem in filesystems:
        wait_for_device(filesystem.path)
        if filesystem.format:
            say(f"Making {filesystem.kind} on {filesystem.path}")
            run(["wipefs", "--all", "--force", filesystem.path])
            run(make_filesystem_command(filesystem), timeout=_MKFS_TIMEOUT)
    settle()


def filesystem_uuid(path: str) -> str:
    """The UUID that fstab and GRUB find a filesystem by, read from the device itself."""
    uuid = run(
        ["blkid", "--probe", "--match-tag", "UUID", "--output", "value", path], accept=(0, 2)
    ).stdout.strip()
    if not uuid:
        raise Failure(
            f"{path} holds no filesystem.",
            "The disk may be failing: look at the kernel log (dmesg) and at smartctl -a.",
        )
    return uuid
