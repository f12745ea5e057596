"""Takes apart what lies on a device, so that the device can be written: the holder tree.

Order: filesystems and swap first, then what is built highest (volumes, encrypted devices), then
arrays, and signatures from the leaves down. Only devices that the layout clears are touched; what
is in use outside the installer's own target is refused, never torn down.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from foundation.failure import Failure
from foundation.process import ProcessFailed, run
from installer.machine.probe import LVM_CONFIG, TARGET_MOUNT
from installer.storage.devices import settle, zero_ends
from installer.storage.layout import DiskLayout

_ATTEMPTS = 5
_BETWEEN_ATTEMPTS = 1.0

Device = dict[str, Any]


def tear_down_disks(disks: Iterable[DiskLayout], say: Callable[[str], None]) -> None:
    """Free and erase every disk that gets a new partition table, and every removed partition."""
    for disk in disks:
        if disk.wipe:
            say(f"Erasing {disk.described}")
            erase_devices([disk.path])
            zero_ends(disk.path, disk.size)
        elif disk.removed_paths:
            say(f"Erasing {', '.join(disk.removed_paths)}")
            erase_devices(disk.removed_paths)
    settle()


def erase_devices(paths: Iterable[str]) -> None:
    """Stop whatever is built on the devices and remove every signature; the devices stay.

    A device that is not there (any more) needs no erasing. Raises Failure when something on it is
    mounted or stays busy.
    """
    for path in paths:
        tree = _tree(path)
        if tree is None:
            continue
        _refuse_mounted(tree)
        members = [device for device in _leaves_first(tree) if device is not tree]
        _deactivate_groups([tree, *members])
        for device in members:
            if device["type"] != "part":
                _patiently(partial(_stop, device), device["path"])
        if members:
            settle()
        for device in [*(d for d in members if d["type"] == "part"), tree]:
            _patiently(partial(_wipe, device), device["path"])


def _tree(path: str) -> Device | None:
    said = run(
        ["lsblk", "--json", "--bytes", "--output", "NAME,PATH,TYPE,FSTYPE,MOUNTPOINTS,UUID", path],
        accept=(0, 1, 32, 64),
    )
    if said.returncode != 0:
        return None
    found: list[Device] = json.loads(said.stdout)["blockdevices"]
    return found[0] if found else None


def _leaves_first(device: Device) -> Iterator[Device]:
    for child in device.get("children") or ():
        yield from _leaves_first(child)
    yield device


def _refuse_mounted(tree: Device) -> None:
    for device in _leaves_first(tree):
        places = [
            at
            for at in device.get("mountpoints") or ()
            if at and at != TARGET_MOUNT and not at.startswith(TARGET_MOUNT + "/")
        ]
        if places:
            raise Failure(
                f"{device['path']} is in use (mounted at {', '.join(places)}).",
                "Unmount it, then retry.",
            )


def _deactivate_groups(devices: Iterable[Device]) -> None:
    """Deactivate the volume groups that have a physical volume here, each by its UUID: names
    need not be unique.
    """
    members = [device["path"] for device in devices if device.get("fstype") == "LVM2_member"]
    for member in members:
        said = run(
            ["lvm", "pvs", "--noheadings", "--options", "vg_uuid", "--config", LVM_CONFIG, member],
            accept=(0, 5),
        )
        for uuid in said.stdout.split():
            run(
                [
                    *("lvm", "vgchange", "--activate", "n", "--config", LVM_CONFIG),
                    *("--select", f"vg_uuid={uuid}"),
                ],
                accept=(0, 5),  # what stays active is removed one by one, or named as busy
            )


def _stop(device: Device) -> None:
    kind = str(device["type"])
    path = str(device["path"])
    if _tree(path) is None:
        return
    if kind.startswith("raid") or kind == "linear":
        run(["wipefs", "--all", "--force", path], accept=(0, 1))
        run(["mdadm", "--stop", path])
    elif path.startswith("/dev/mapper/"):
        run(["dmsetup", "remove", "--retry", str(device["name"])])
    elif kind == "loop":
        run(["losetup", "--detach", path])
    else:
        raise Failure(
            f"{path} ({kind}) holds a disk that is to be erased, and cannot be stopped.",
            "Stop it by hand, then retry.",
        )


def _wipe(device: Device) -> None:
    path = str(device["path"])
    if device.get("fstype") == "linux_raid_member":
        run(["mdadm", "--zero-superblock", path], accept=(0, 1, 2))
    run(["wipefs", "--all", "--force", path])


def _patiently(action: Callable[[], None], path: str) -> None:
    """Repeat while udev or a late reader still holds the device; then explain."""
    for attempt in range(_ATTEMPTS):
        try:
            action()
            return
        except ProcessFailed as failure:
            if attempt == _ATTEMPTS - 1:
                raise Failure(
                    f"{path} could not be freed: {failure.cause}",
                    "Stop what holds it (see lsblk and fuser -m), then retry.",
                    details=failure.details,
                ) from failure
            settle()
            time.sleep(_BETWEEN_ATTEMPTS)
