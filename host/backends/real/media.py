"""Sticks in this machine (host.machine.media.RemovableMedia)."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from foundation.failure import Failure
from foundation.process import run
from host.api.support import RemovablePartition

_COLUMNS = "PATH,RM,HOTPLUG,TRAN,TYPE,FSTYPE,LABEL,SIZE,MODEL,MOUNTPOINTS,FSAVAIL"
_WRITABLE = ("vfat", "exfat", "ext4", "ext3", "ext2", "xfs", "ntfs", "ntfs3")


class RealRemovableMedia:
    """lsblk(8), mount(8)."""

    def partitions(self) -> tuple[RemovablePartition, ...]:
        """Filesystems on USB or removable disks that no part of the system uses."""
        said = run(["lsblk", "--json", "--bytes", "--output", _COLUMNS], timeout=30).stdout
        return read_partitions(json.loads(said))

    @contextmanager
    def mounted(self, device: str) -> Iterator[Path]:
        """Mount on a folder of our own; unmounting forces everything out."""
        known = {partition.device for partition in self.partitions()}
        if device not in known:
            raise Failure(
                f"{device} is not a filesystem on a stick.",
                f"There is: {', '.join(sorted(known)) or 'none'}.",
            )
        folder = tempfile.mkdtemp(prefix="flexvdi-stick-")
        try:
            run(["mount", "-o", "nosuid,nodev,noexec", device, folder], timeout=60)
            try:
                yield Path(folder)
                os.sync()
            finally:
                run(["umount", folder], timeout=300)
        finally:
            Path(folder).rmdir()


def read_partitions(said: dict[str, Any]) -> tuple[RemovablePartition, ...]:
    """The partitions in lsblk's answer."""
    found = []
    for disk in said["blockdevices"]:
        if not (disk.get("rm") or disk.get("hotplug") or disk.get("tran") == "usb"):
            continue
        if disk.get("type") != "disk":
            continue
        for part in disk.get("children", [disk]):
            mounted = [place for place in part.get("mountpoints") or () if place]
            if part.get("fstype") in _WRITABLE and not mounted:
                found.append(
                    RemovablePartition(
                        device=part["path"],
                        label=part.get("label") or "",
                        filesystem=part["fstype"],
                        size=int(part["size"]),
                        model=(disk.get("model") or "").strip(),
                    )
                )
    return tuple(found)
