"""The data disk: found, formatted once, checked, mounted, grown to the size that it has got."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from foundation.appliance_manifest import DATA_DISK_SERIAL, DATA_LABEL
from foundation.failure import Failure
from foundation.process import run
from manager.appliance.block_devices import (
    UNFINISHED_LABEL,
    BlockDevice,
    DataDisk,
    data_disk,
    devices,
)
from manager.appliance.places import DATABASE_USER, MANAGER_USER, Places

_PATIENCE_SECONDS = 60.0
_CHECK_TIMEOUT = 4 * 3600.0
_BLANK = 1 << 20


def wait_for_data_disk(
    look: Callable[[], Sequence[BlockDevice]] = devices,
    pause: Callable[[float], None] = time.sleep,
    patience: float = _PATIENCE_SECONDS,
) -> DataDisk:
    """The data disk, as soon as there is one; raises Failure after ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while (found := data_disk(look())) is None:
        if time.monotonic() > deadline:
            raise Failure(
                "This machine has no data disk.",
                f"Attach an empty disk, best with the serial number {DATA_DISK_SERIAL}, "
                "and start it again.",
            )
        pause(1.0)
    return found


def format_disk(disk: DataDisk) -> None:
    """Make the file system; its final label comes last, so that a half-made one is told."""
    if not disk.named and not _is_blank(Path(disk.path)):
        raise Failure(
            f"The only disk that could be the data disk, {disk.path}, is not blank.",
            "Nothing was changed. Attach an empty disk, or give this one the serial number "
            f"{DATA_DISK_SERIAL}.",
        )
    run(
        ["mkfs.ext4", "-q", "-F", "-L", UNFINISHED_LABEL, "-m", "1", "-E",
         "lazy_itable_init=1,lazy_journal_init=1,discard", disk.path],
        timeout=_CHECK_TIMEOUT,
    )  # fmt: skip
    run(["e2label", disk.path, DATA_LABEL])
    os.sync()


def check(disk: DataDisk) -> None:
    """Repair what a power cut left behind; raises Failure when that cannot be done safely."""
    done = run(["e2fsck", "-p", disk.path], timeout=_CHECK_TIMEOUT, accept=tuple(range(256)))
    # e2fsck(8): 1 and 2 mean that errors were corrected.
    if done.returncode & ~3:
        raise Failure(
            f"The file system of the data disk {disk.path} is damaged.",
            "Nothing was started. Restore a backup into a new Manager, or copy the disk and repair "
            "it with e2fsck.",
            details=done.stdout[-2000:],
        )


def mount(disk: DataDisk, places: Places) -> None:
    """Mount it, unless that was done already."""
    places.data.mkdir(parents=True, exist_ok=True)
    if not os.path.ismount(places.data):
        options = "noatime,nodev,nosuid,errors=remount-ro"
        run(["mount", "-t", "ext4", "-o", options, disk.path, str(places.data)])


def unmount(places: Places) -> None:
    """Let it go again."""
    run(["umount", str(places.data)])


def grow(disk: DataDisk) -> None:
    """Use all of the disk; it may have been made larger since the last start."""
    run(["resize2fs", disk.path], timeout=_CHECK_TIMEOUT)


def lay_out(places: Places) -> None:
    """Make the folders, give them to their users, and show them where programs look for them.

    Numbers of users may differ from one image to the next: what belongs to somebody else is given
    back to its own.
    """
    for folder, owner, mode in (
        (places.kept, "root", 0o700),
        (places.backups, "root", 0o700),
        (places.data / "log", "root", 0o755),
        (places.data / "log" / "journal", "root", 0o755),
        (places.data / "manager", MANAGER_USER, 0o700),
        (places.databases, DATABASE_USER, 0o700),
    ):
        folder.mkdir(exist_ok=True)
        folder.chmod(mode)
        _give(folder, owner)
    for source, target in (("manager", places.manager_state), ("log", places.logs)):
        target.mkdir(parents=True, exist_ok=True)
        if not os.path.ismount(target):
            run(["mount", "--bind", str(places.data / source), str(target)])


def keep_logs() -> None:
    """Move the journal of this start onto the data disk, and give daemons their log folders."""
    run(["systemd-tmpfiles", "--create", "--prefix=/var/log"], accept=(0, 65, 73))
    run(["journalctl", "--flush"])


def _give(folder: Path, owner: str) -> None:
    """Give ``folder`` and all in it to ``owner``; the folder last, so that a cut is noticed."""
    if folder.owner() == owner:
        return
    for path in [*folder.rglob("*"), folder]:
        if not path.is_symlink():
            shutil.chown(path, owner, owner)


def _is_blank(device: Path) -> bool:
    with device.open("rb") as stream:
        return not any(stream.read(_BLANK))
