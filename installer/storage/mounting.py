"""Mounts the new system's tree in order, and takes it down again whatever happened to it."""

from __future__ import annotations

import time
from pathlib import Path

from foundation.failure import Failure
from foundation.process import ProcessFailed, run
from installer.storage.layout import FilesystemLayout, Layout

_API_FILESYSTEMS = ("/dev", "/dev/pts", "/proc", "/sys", "/sys/firmware/efi/efivars", "/run")
_ATTEMPTS = 5
_BETWEEN_ATTEMPTS = 1.0


def mount_layout(layout: Layout, target: Path) -> None:
    """Mount the layout's filesystems under ``target``; what is mounted already is left alone."""
    mounted = set(mounts_under(target))
    for filesystem in layout.filesystems:
        at = filesystem.mount_point
        if at is None or not at.startswith("/"):
            continue
        place = target / at.lstrip("/")
        if str(place) in mounted:
            continue
        place.mkdir(mode=0o755, parents=True, exist_ok=True)
        run(["mount", "--options", _options(filesystem), filesystem.path, str(place)])


def _options(filesystem: FilesystemLayout) -> str:
    """The author's options without what only fstab's readers know.

    ``quiet`` lets the copying set owners and modes on FAT, which has none, without an error.
    """
    words = [
        word
        for word in filesystem.mount_options.split(",")
        if not word.startswith("x-") and word not in ("nofail", "noauto", "auto", "ro", "defaults")
    ]
    if filesystem.kind == "vfat":
        words.append("quiet")
    return ",".join(["rw", *words])


def bind_api_filesystems(target: Path) -> None:
    """Give programs that run inside ``target`` the kernel's filesystems; idempotent.

    Each is bound alone and made private before the next goes into it. Otherwise services with
    mounts of their own would keep copies of the inner ones, and with them the target, busy.
    """
    mounted = set(mounts_under(target))
    for folder in _API_FILESYSTEMS:
        place = target / folder.lstrip("/")
        if str(place) in mounted or not Path(folder).is_dir():
            continue
        place.mkdir(mode=0o755, exist_ok=True)
        run(["mount", "--bind", folder, str(place)])
        run(["mount", "--make-private", str(place)])


def unbind_api_filesystems(target: Path) -> None:
    """Take the kernel's filesystems out of ``target`` again."""
    for folder in _API_FILESYSTEMS:
        unmount_tree(target / folder.lstrip("/"))


def mounts_under(folder: Path) -> list[str]:
    """The mount points at and below ``folder``, in the order in which they were mounted."""
    prefix = str(folder)
    found = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        at = line.split(" ")[4].encode().decode("unicode_escape")
        if at == prefix or at.startswith(prefix + "/"):
            found.append(at)
    return found


def unmount_tree(folder: Path) -> None:
    """Unmount everything at and below ``folder``, what was mounted last first.

    Raises Failure that names who still uses it after several attempts.
    """
    failures = 0
    while mounted := mounts_under(folder):
        try:
            run(["umount", "--recursive", mounted[0]], timeout=600)
        except ProcessFailed:
            failures += 1
            if failures == _ATTEMPTS:
                break
            time.sleep(_BETWEEN_ATTEMPTS)
    else:
        return
    users = run(["fuser", "--mount", "--verbose", str(folder)], accept=(0, 1), timeout=30)
    raise Failure(
        f"{folder} could not be unmounted: something still uses it.",
        "End the programs that use it, then retry.",
        details=(users.stderr + users.stdout).strip(),
    )
